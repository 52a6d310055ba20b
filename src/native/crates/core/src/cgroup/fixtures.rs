//! Layouts of hosts as their files describe them; the machine of the tests is only one of them.

use super::layout::{Controller, Version, layout_of, v2_controllers};
use super::{Layout, Mode};

fn shown(layout: &Layout, prefix: &str) -> Vec<String> {
    let line = |hierarchy: &super::Hierarchy| {
        let names: Vec<_> = hierarchy
            .controllers
            .iter()
            .map(|controller| controller.name())
            .collect();
        let version = if hierarchy.version == Version::V1 {
            "v1"
        } else {
            "v2"
        };
        format!(
            "{version} {} {}",
            names.join(","),
            hierarchy.base(prefix).display()
        )
    };
    layout.joined().into_iter().map(line).collect()
}

const HYBRID_MOUNTS: &str = "\
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
33 31 0:30 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
36 31 0:33 / /sys/fs/cgroup/devices rw,relatime - cgroup cgroup rw,devices
37 31 0:34 / /sys/fs/cgroup/freezer rw,relatime - cgroup cgroup rw,freezer
39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids
40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
";

#[test]
fn a_hybrid_host_limits_on_v1_and_needs_no_freezer_there() {
    let memberships = "9:name=systemd:/\n8:pids:/\n6:freezer:/\n5:devices:/\n4:memory:/boxes/9ae3\n2:cpuacct:/\n1:cpu:/\n0::/\n";
    let layout = layout_of(HYBRID_MOUNTS, memberships);
    assert_eq!(layout.mode, Mode::Hybrid);
    assert_eq!(layout.controllers(), ["cpu", "memory", "pids"]);
    assert_eq!(
        shown(&layout, "ts"),
        [
            "v1 pids /sys/fs/cgroup/pids",
            "v1 memory /sys/fs/cgroup/memory/boxes/9ae3",
            "v1 cpuacct /sys/fs/cgroup/cpuacct",
            "v1 cpu /sys/fs/cgroup/cpu",
            "v2  /sys/fs/cgroup/unified"
        ]
    );
}

#[test]
fn a_supervisor_finds_the_base_its_engine_found() {
    let memberships = "8:pids:/ts/sup\n4:memory:/boxes/9ae3/ts/sup\n1:cpu:/\n0::/ts/sup\n";
    let layout = layout_of(HYBRID_MOUNTS, memberships);
    assert_eq!(
        shown(&layout, "ts"),
        [
            "v1 pids /sys/fs/cgroup/pids",
            "v1 memory /sys/fs/cgroup/memory/boxes/9ae3",
            "v1 cpu /sys/fs/cgroup/cpu",
            "v2  /sys/fs/cgroup/unified"
        ]
    );
    // Another engine inside this one's leaf is below it, not beside it.
    assert_eq!(
        shown(&layout, "other")[0],
        "v1 pids /sys/fs/cgroup/pids/ts/sup"
    );
}

#[test]
fn a_v1_host_joins_comounted_controllers_once() {
    let mounts = "\
25 18 0:22 / /sys/fs/cgroup ro,nosuid,nodev,noexec shared:9 - tmpfs tmpfs ro,mode=755
27 25 0:24 / /sys/fs/cgroup/systemd rw,nosuid shared:11 - cgroup cgroup rw,xattr,release_agent=/usr/lib/systemd/systemd-cgroups-agent,name=systemd
29 25 0:26 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:13 - cgroup cgroup rw,cpu,cpuacct
30 25 0:27 / /sys/fs/cgroup/net_cls,net_prio rw shared:14 - cgroup cgroup rw,net_cls,net_prio
31 25 0:28 / /mnt/my\\040groups/memory rw master:3 propagate_from:2 - cgroup cgroup rw,memory
32 25 0:29 / /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer
33 25 0:30 / /sys/fs/cgroup/devices rw - cgroup cgroup rw,devices
34 25 0:31 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids
";
    let memberships = "7:pids:/system.slice/a:b.service\n6:net_cls,net_prio:/\n5:freezer:/\n4:memory:/\n3:devices:/\n2:cpu,cpuacct:/\n1:name=systemd:/\n";
    let layout = layout_of(mounts, memberships);
    assert_eq!(layout.mode, Mode::Legacy);
    assert_eq!(
        shown(&layout, "ts"),
        [
            "v1 pids /sys/fs/cgroup/pids/system.slice/a:b.service",
            "v1 freezer /sys/fs/cgroup/freezer",
            "v1 memory /mnt/my groups/memory",
            "v1 cpu,cpuacct /sys/fs/cgroup/cpu,cpuacct"
        ]
    );
    assert!(layout.serving(Controller::Devices).is_some());
    assert_eq!(
        layout.visible(),
        ["pids", "memory", "cpu,cpuacct"],
        "neither freezer nor what is not joined"
    );
}

#[test]
fn a_v2_host_builds_in_its_own_group() {
    let mounts = "26 23 0:23 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot\n";
    let layout = layout_of(mounts, "0::/system.slice/tsdock.service\n");
    assert_eq!(layout.mode, Mode::Unified);
    assert!(layout.visible().is_empty());
    assert_eq!(
        shown(&layout, "ts"),
        ["v2  /sys/fs/cgroup/system.slice/tsdock.service"]
    );
    assert_eq!(
        v2_controllers("cpuset cpu io memory hugetlb pids rdma misc\n"),
        [Controller::Cpu, Controller::Memory, Controller::Pids]
    );
    assert_eq!(v2_controllers("\n"), []);
}

#[test]
fn systemd_in_v1_alone_does_not_make_a_host_hybrid() {
    let mounts = "\
26 23 0:23 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
27 23 0:24 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd
";
    assert_eq!(
        layout_of(mounts, "1:name=systemd:/\n0::/\n").mode,
        Mode::Unified
    );
}

#[test]
fn a_container_without_a_cgroup_namespace_sees_its_part_of_the_tree() {
    let mounts = "\
40 39 0:23 /docker/4f /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
41 39 0:24 /docker/other /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids
42 39 0:25 /../.. /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu
";
    let layout = layout_of(
        mounts,
        "3:memory:/docker/4f/inner\n2:pids:/docker/4f\n1:cpu:/\n",
    );
    // pids is mounted, but not our part of it; the root of cpu lies outside of our namespace.
    assert_eq!(
        shown(&layout, "ts"),
        ["v1 memory /sys/fs/cgroup/memory/inner"]
    );
}

#[test]
fn garbage_is_passed_over() {
    let layout = layout_of(
        "x\n1 2 3 - cgroup2\n - - -\n\\\n1 2 0:1 / /a\\04 rw - cgroup2 c rw\n",
        "::\n0\n\n0::/../out\n",
    );
    assert!(layout.joined().is_empty());
}
