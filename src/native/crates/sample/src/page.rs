//! The page at `/` of an image without one.

use std::fs;

/// The page with host name, greeting and version; everything from outside is escaped.
pub fn render(greeting: &str) -> String {
    let host = host_name();
    let (greeting, host, version) = (escape(greeting), escape(&host), env!("CARGO_PKG_VERSION"));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>{greeting}</title>\n\
         <style>body {{ font: 1.1em/1.5 system-ui, sans-serif; margin: 15vh auto; max-width: 34em }} code {{ background: #eee; padding: .1em .3em }}</style>\n\
         <h1>{greeting}</h1>\n<p>Served by <code>{host}</code>, version {version}.</p>\n"
    )
}

/// Of the container's own UTS namespace.
fn host_name() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname")
        .or_else(|_| fs::read_to_string("/etc/hostname"));
    name.map_or_else(
        |_| String::from("an unnamed host"),
        |name| name.trim().to_owned(),
    )
}

fn escape(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, letter| {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(letter),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greeting_is_text_and_never_markup() {
        let page = render("<script>&\"");
        assert!(
            page.contains("<h1>&lt;script&gt;&amp;&quot;</h1>"),
            "{page}"
        );
        assert!(page.contains(&escape(&host_name())));
    }
}
