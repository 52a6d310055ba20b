//! What zygote and supervisors know about engine and host; read once by the zygote, inherited by fork.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use tsdock_core::cgroup::{DeviceFilter, Layout};
use tsdock_core::failure::{Context as _, Failure};
use tsdock_core::procfs;

#[derive(Clone, Debug)]
pub struct Context {
    pub run: PathBuf,
    pub prefix: String,
    pub layout: Layout,
    /// v1 hierarchies a container sees in `/sys/fs/cgroup`; empty on unified hosts.
    pub hierarchies: Vec<String>,
    pub boot_id: String,
    /// The default devices, loaded once for all instances (0.2 ms each otherwise); `None` where the kernel has no such filter.
    pub devices: Option<Rc<DeviceFilter>>,
}

impl Context {
    /// `--run-dir DIR --prefix NAME`.
    pub fn from_arguments(arguments: &[String]) -> Result<Self, Failure> {
        let value = |name: &str| {
            let index = arguments.iter().position(|argument| argument == name)?;
            arguments.get(index + 1).cloned()
        };
        let missing =
            |name: &str| Failure::plain("E_USAGE", "arguments", format!("{name} is missing"));
        let layout = Layout::detect().at("cgroup.detect", "read", "/proc/self/mountinfo")?;
        Ok(Self {
            run: value("--run-dir")
                .ok_or_else(|| missing("--run-dir"))?
                .into(),
            prefix: value("--prefix").ok_or_else(|| missing("--prefix"))?,
            hierarchies: layout.visible(),
            layout,
            boot_id: procfs::boot_id(),
            devices: DeviceFilter::load(&[]).ok().map(Rc::new),
        })
    }

    pub fn runtime_directory(&self) -> PathBuf {
        self.run.join("rt")
    }

    pub fn instances(&self) -> PathBuf {
        self.run.join("containers")
    }

    pub fn instance(&self, id: &str) -> Instance {
        Instance {
            directory: self.instances().join(id),
        }
    }
}

/// The files of one instance in the run directory.
#[derive(Clone, Debug)]
pub struct Instance {
    pub directory: PathBuf,
}

impl Instance {
    pub fn socket(&self) -> PathBuf {
        self.directory.join("sup.sock")
    }
    pub fn plan(&self) -> PathBuf {
        self.directory.join("plan")
    }
    pub fn status(&self) -> PathBuf {
        self.directory.join("status")
    }
    /// What `update` changed since the creation.
    pub fn update(&self) -> PathBuf {
        self.directory.join("update")
    }
    pub fn staging(&self) -> PathBuf {
        self.directory.join("mnt")
    }
}

/// Replaces a file as a whole, so that a reader sees the old or the new bytes.
pub fn replace_file(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let temporary = path.with_extension("tmp");
    std::fs::write(&temporary, bytes)?;
    std::fs::rename(&temporary, path)
}
