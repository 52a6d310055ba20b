//! Users and groups of an image, looked up in its own `/etc/passwd` and `/etc/group` by a bounded parser; no NSS.

mod file;

#[cfg(test)]
mod tests;

use std::fmt;
use std::os::fd::BorrowedFd;

/// `setgroups(2)` takes no more (`NGROUPS_MAX`).
const MAX_GROUPS: usize = 65_536;

/// Longest name that is looked up; `useradd` allows 32, directory services up to 256.
const MAX_NAME: usize = 256;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    pub uid: u32,
    pub gid: u32,
    /// For `setgroups`: `gid` first (a group that takes access away must see it too, CVE-2022-36109), then the others in file order, each once.
    pub groups: Vec<u32>,
    /// Home directory of the user, `/` when unknown.
    pub home: String,
}

#[derive(Debug, PartialEq, Eq)]
pub enum UserError {
    /// Not a number and not in passwd; the name as given.
    UnknownUser(String),
    UnknownGroup(String),
    /// Out of range, empty, control characters, sign, hexadecimal.
    Invalid(String),
}

impl fmt::Display for UserError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownUser(name) => write!(
                f,
                "user {name:?} is neither a number nor in the image's /etc/passwd"
            ),
            Self::UnknownGroup(name) => write!(
                f,
                "group {name:?} is neither a number nor in the image's /etc/group"
            ),
            Self::Invalid(text) => write!(f, "{text:?} is not a user or group"),
        }
    }
}

impl std::error::Error for UserError {}

/// A user or group as written: digits are always a number, even if somebody is called so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Id<'a> {
    Number(u32),
    Name(&'a str),
}

/// Resolves `uid[:gid]`, `name[:group]` or an empty text (root) below `root`, a descriptor of the container's root directory. Files are opened by `openat2`
/// in the root, regular files only, at most 1 MiB is read.
///
/// A number that is not in passwd gets group 0. Groups that list the user are added unless the group is given; `extra_groups` (names or numbers) always are.
pub fn resolve(
    root: BorrowedFd<'_>,
    user: &str,
    extra_groups: &[String],
) -> Result<Credentials, UserError> {
    let (user, group) = split(user)?;
    let extra = extra_groups
        .iter()
        .map(|text| parse(text))
        .collect::<Result<Vec<_>, _>>()?;

    let passwd = file::read(root, "etc/passwd").unwrap_or_default();
    let entry = file::accounts(&passwd).find(|account| match user {
        Id::Number(uid) => account.uid == uid,
        Id::Name(name) => account.name == name.as_bytes(),
    });
    let uid = match (user, &entry) {
        (Id::Number(uid), _) => uid,
        (Id::Name(_), Some(account)) => account.uid,
        (Id::Name(name), None) => return Err(UserError::UnknownUser(name.to_owned())),
    };

    let listed = file::read(root, "etc/group").unwrap_or_default();
    let gid_of = |id: Id<'_>| match id {
        Id::Number(gid) => Ok(gid),
        Id::Name(name) => {
            let found = file::groups(&listed).find(|group| group.name == name.as_bytes());
            found
                .map(|group| group.gid)
                .ok_or_else(|| UserError::UnknownGroup(name.to_owned()))
        }
    };
    let gid = match group {
        Some(group) => gid_of(group)?,
        None => entry.as_ref().map_or(0, |account| account.gid),
    };

    let mut groups = vec![gid];
    if let (None, Some(account)) = (group, &entry) {
        let member = |group: &file::Group<'_>| group.has_member(account.name);
        groups.extend(file::groups(&listed).filter(member).map(|group| group.gid));
    }
    for id in extra {
        groups.push(gid_of(id)?);
    }
    keep_first_of_each(&mut groups);
    if groups.len() > MAX_GROUPS {
        return Err(UserError::Invalid(format!(
            "member of more than {MAX_GROUPS} groups"
        )));
    }
    let home = entry
        .and_then(|account| account.home())
        .unwrap_or("/")
        .to_owned();
    Ok(Credentials {
        uid,
        gid,
        groups,
        home,
    })
}

/// User and, behind a colon, group. No text is root; a colon with nothing on one side is a mistake, not a default.
fn split(text: &str) -> Result<(Id<'_>, Option<Id<'_>>), UserError> {
    match text.split_once(':') {
        None if text.is_empty() => Ok((Id::Number(0), None)),
        None => Ok((parse(text)?, None)),
        Some((user, group)) => Ok((parse(user)?, Some(parse(group)?))),
    }
}

fn parse(text: &str) -> Result<Id<'_>, UserError> {
    let invalid = || UserError::Invalid(text.to_owned());
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        // Empty, too large and -1 (which the kernel reads as "unchanged") all end here.
        return file::parse_id(text.as_bytes())
            .map(Id::Number)
            .ok_or_else(invalid);
    }
    let hexadecimal = text.starts_with("0x") || text.starts_with("0X");
    let odd = |letter: char| {
        letter.is_control() || letter.is_whitespace() || matches!(letter, ':' | ',' | '/')
    };
    if hexadecimal || text.starts_with(['-', '+']) || text.len() > MAX_NAME || text.contains(odd) {
        return Err(invalid());
    }
    Ok(Id::Name(text))
}

fn keep_first_of_each(groups: &mut Vec<u32>) {
    let mut seen = std::collections::HashSet::new();
    groups.retain(|gid| seen.insert(*gid));
}
