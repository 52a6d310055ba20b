// Made by scripts/generate.mjs from schemas/; do not edit.
// Specs as authors write them: short and long forms. Canonical ones are in ../spec.ts.

/**
 * Name, place and notes of an object.
 */
export interface MetadataFields {
/**
 * Name: a-z, 0-9 and "-", at most 63.
 */
name: string
/**
 * Scope of names; appears on use.
 */
namespace?: string
/**
 * Marks to select by.
 */
labels?: {
[k: string]: string
}
/**
 * Notes; tsdock/prune: disabled and tsdock/protect: "true" have a meaning.
 */
annotations?: {
[k: string]: string
}
/**
 * Written by the engine; ignored on input.
 */
uid?: string
/**
 * Written by the engine; ignored on input.
 */
generation?: number
/**
 * Written by the engine; ignored on input.
 */
set?: string
/**
 * Written by the engine; ignored on input.
 */
createdAt?: string
/**
 * Written by the engine; ignored on input.
 */
origin?: {

}
}

/**
 * Fields of a Container.
 */
export interface ContainerFields {
/**
 * What to run: tag, digest, or the name of an Image of this namespace. A short name such as nginx:1.29 is completed to docker.io/library/nginx:1.29. Also oci:DIR[:tag], oci-archive:FILE[:tag] and docker-archive:FILE[:tag].
 */
image: string
/**
 * When the registry is asked: only when absent, at each apply, or never.
 */
imagePullPolicy?: ("IfNotPresent" | "Always" | "Never")
/**
 * Platform of the image, such as linux/arm64.
 */
platform?: string
/**
 * Replaces the ENTRYPOINT of the image. A string is split as a shell does it, but nothing is expanded and no shell runs.
 */
command?: (string[] | string)
/**
 * Replaces the CMD of the image. A string is split as a shell does it, but nothing is expanded and no shell runs.
 */
args?: (string[] | string)
/**
 * Directory the process starts in.
 */
workingDir?: string
/**
 * Host name seen by the process.
 */
hostname?: string
/**
 * Domain name seen by the process.
 */
domainname?: string
/**
 * Environment variables, name to text or to where the value is taken from when an instance is made: {secret, key}, {config, key} or {field}. The list form of Kubernetes is accepted too.
 */
env?: ({
[k: string]: (string | {
/**
 * Secret that holds the value. Another value replaces the container.
 */
secret?: string
/**
 * Config that holds the value. Another value replaces the container.
 */
config?: string
/**
 * Field of the instance: metadata.name (as ps prints it), metadata.namespace, metadata.uid, or status.address.
 */
field?: string
/**
 * Key in the Secret or Config.
 */
key?: string
/**
 * Without the object or the key the variable is left out; else the container waits.
 */
optional?: boolean
})
} | {
/**
 * Name of the variable.
 */
name: string
/**
 * Its text.
 */
value?: string
/**
 * Value from elsewhere, as Kubernetes writes it: one of secretKeyRef, configMapKeyRef, fieldRef.
 */
valueFrom?: {
/**
 * Key of a Secret.
 */
secretKeyRef?: {
/**
 * Name of the object.
 */
name: string
/**
 * Its key.
 */
key: string
/**
 * Left out when missing.
 */
optional?: boolean
}
/**
 * Key of a Config.
 */
configMapKeyRef?: {
/**
 * Name of the object.
 */
name: string
/**
 * Its key.
 */
key: string
/**
 * Left out when missing.
 */
optional?: boolean
}
/**
 * Field of the instance.
 */
fieldRef?: {
/**
 * Its path.
 */
fieldPath: string
}
}
}[])
/**
 * Takes all keys of Configs and Secrets as variables; a later source overrides an earlier one, env overrides all.
 */
envFrom?: {
/**
 * Config.
 */
config?: string
/**
 * Secret.
 */
secret?: string
/**
 * Put before each name.
 */
prefix?: string
/**
 * Without the object there are no variables of it; else the container waits.
 */
optional?: boolean
}[]
/**
 * User of the process: uid[:gid], or names of the image.
 */
user?: (string | number)
/**
 * Further groups, numbers or names of the image.
 */
groups?: (string | number)[]
/**
 * Gives the process a terminal.
 */
tty?: boolean
/**
 * Keeps standard input open.
 */
stdin?: boolean
/**
 * Runs a small init as process 1 that reaps orphans and passes signals on.
 */
init?: boolean
/**
 * Ports to name and publish: "8080:80", "127.0.0.1:5432:5432/tcp", "6000-6100:6000-6100/udp", 80 (named only), or the long form.
 */
ports?: ({
/**
 * Name that probes can use instead of the number.
 */
name?: string
/**
 * Port inside the container.
 */
containerPort: number
/**
 * Port on the host; without it the port is named, but not published.
 */
hostPort?: number
/**
 * Address of the host that is published.
 */
hostIP?: string
/**
 * TCP or UDP.
 */
protocol?: ("TCP" | "UDP" | "tcp" | "udp")
/**
 * Who may connect: this host, private networks, or everybody.
 */
exposure?: ("host" | "lan" | "world")
} | string | number)[]
/**
 * Network it joins, as a list of references or a map from reference to settings. Another one replaces the container; joining in place comes with M2.
 */
networks?: (string[] | {
[k: string]: ({
/**
 * Static address inside the subnet.
 */
ipv4?: string
/**
 * Static IPv6 address.
 */
ipv6?: string
/**
 * Static MAC address.
 */
mac?: string
/**
 * Further names in this network.
 */
aliases?: string[]
/**
 * Name of the interface.
 */
interface?: string
/**
 * Highest gives the default route.
 */
priority?: number
} | null)
})
/**
 * bridge: own network namespace; host: the network of the host; none: loopback only.
 */
networkMode?: ("bridge" | "host" | "none")
/**
 * Further lines of /etc/hosts, host name to address. Needs networkMode bridge or none.
 */
hostAliases?: {
[k: string]: string
}
/**
 * How names are resolved that are not of its network. Needs networkMode bridge.
 */
dns?: {
/**
 * Servers asked for names that the networks of the container do not know, instead of those of its network or of the host; at most three addresses.
 */
servers?: string[]
/**
 * Domains tried after the namespace, instead of those of the host.
 */
searches?: string[]
/**
 * Options of resolv.conf, e.g. ndots:2.
 */
options?: string[]
}
/**
 * Files and directories: "data:/var/lib/x[:ro]" (a Volume), "./site.conf:/etc/site.conf:ro" (a path of the host, relative to the manifest), or the long form with exactly one of volume, config, secret, hostPath, tmpfs, image.
 */
mounts?: ({
/**
 * Volume to mount.
 */
volume?: string
/**
 * Config to mount: a directory with one file a key, or with subPath one file.
 */
config?: string
/**
 * Secret to mount: a directory with one file a key, or with subPath one file. The files lie in memory.
 */
secret?: string
/**
 * File or directory of the host; relative to the manifest.
 */
hostPath?: string
/**
 * An empty directory in memory, gone with the instance.
 */
tmpfs?: ({
/**
 * Limit of its size.
 */
size?: (string | number)
/**
 * Mode of the directory, in quotes: "1777".
 */
mode?: (string | number)
} | null)
/**
 * Image whose files are mounted.
 */
image?: string
/**
 * Absolute path in the container; not /, /proc, /sys or below the latter two.
 */
path: string
/**
 * Only this file or directory of it.
 */
subPath?: string
/**
 * Mounts it read-only. A Config and a Secret always are.
 */
readOnly?: boolean
/**
 * Limit of the size of a tmpfs.
 */
size?: (string | number)
/**
 * Mode of the directory of a tmpfs, or of the files of a Config or Secret, in quotes: "0440".
 */
mode?: (string | number)
/**
 * Makes a missing hostPath as a directory. Otherwise it is an error.
 */
create?: boolean
/**
 * Owner of the files of a Config or Secret.
 */
uid?: number
/**
 * Group of the files of a Config or Secret.
 */
gid?: number
/**
 * What happens when the mounted content changes: none, restart, {signal: SIGHUP} or {exec: [...]}. A hostPath file is watched only when this is set.
 */
onChange?: (string | {
signal?: string
exec?: string[]
})
} | string)[]
/**
 * Limits and guarantees, changed in place.
 */
resources?: {
/**
 * What it may use at most.
 */
limits?: {
/**
 * Processor time: 2, 0.5 or 500m.
 */
cpu?: (string | number)
/**
 * Memory: 256Mi (2^20) or 256M (10^6). At least 6Mi.
 */
memory?: (string | number)
/**
 * Number of processes and threads.
 */
pids?: number
/**
 * Swap beside the memory.
 */
swap?: (string | number)
/**
 * Processors it may run on: "0-3".
 */
cpuset?: string
/**
 * Bytes and operations per second a device.
 */
io?: {

}
}
/**
 * What it gets when the host is busy.
 */
requests?: {
/**
 * Share of the processors (cpu.weight).
 */
cpu?: (string | number)
/**
 * Protected memory (memory.low).
 */
memory?: (string | number)
}
}
/**
 * Set of defaults: baseline (11 capabilities, seccomp, masked /proc) or privileged (everything root may).
 */
security?: ("baseline" | "privileged")
/**
 * Overrides security field by field.
 */
securityContext?: {
/**
 * Number of the user; wins over user.
 */
runAsUser?: number
/**
 * Number of the group; wins over user.
 */
runAsGroup?: number
/**
 * Refuses to start as user 0.
 */
runAsNonRoot?: boolean
/**
 * Mounts the root file system read-only.
 */
readOnlyRootFilesystem?: boolean
/**
 * The same as security: privileged.
 */
privileged?: boolean
/**
 * False sets no_new_privs.
 */
allowPrivilegeEscalation?: boolean
/**
 * Changes to the set of capabilities.
 */
capabilities?: {
/**
 * Capabilities to add, such as NET_ADMIN, or ALL.
 */
add?: string[]
/**
 * Capabilities to take away, or ALL.
 */
drop?: string[]
}
/**
 * Filter of system calls.
 */
seccompProfile?: {
/**
 * RuntimeDefault or Unconfined.
 */
type?: ("RuntimeDefault" | "Unconfined")
}
/**
 * AppArmor profile.
 */
appArmorProfile?: {

}
/**
 * host or auto.
 */
userNamespace?: ("host" | "auto")
/**
 * Kernel settings of the container: net.*, kernel.shm*, kernel.msg*, kernel.sem, fs.mqueue.*.
 */
sysctls?: {
[k: string]: string
}
}
/**
 * Sees the processes of the host.
 */
hostPID?: boolean
/**
 * Shares the IPC objects of the host.
 */
hostIPC?: boolean
/**
 * Limits of the process, name to number or {soft, hard}.
 */
ulimits?: {

}
/**
 * Who is ended first when memory runs out, -1000 to 1000.
 */
oomScoreAdj?: number
/**
 * Size of /dev/shm.
 */
shmSize?: (string | number)
/**
 * Devices of the host: /dev/x[:path[:rwm]].
 */
devices?: string[]
/**
 * CDI names or a count.
 */
gpus?: (string | number | string[])
/**
 * Holds back the other probes until it succeeds; tried more often at first. One of exec, httpGet, tcpSocket and grpc.
 */
startupProbe?: {
/**
 * Command in the container; exit code 0 is success.
 */
exec?: string[]
/**
 * HTTP request to the container; 200 to 399 is success. A redirect is not followed, the certificate of HTTPS is not checked.
 */
httpGet?: {
/**
 * Path of the request.
 */
path?: string
/**
 * Number, or name of one of the ports.
 */
port: (number | string)
/**
 * HTTP or HTTPS.
 */
scheme?: ("HTTP" | "HTTPS")
/**
 * Headers of the request.
 */
headers?: {
[k: string]: string
}
}
/**
 * A connection that is accepted is success.
 */
tcpSocket?: {
/**
 * Number, or name of one of the ports.
 */
port: (number | string)
}
/**
 * Health service of gRPC (grpc.health.v1) without TLS; SERVING is success.
 */
grpc?: {
/**
 * Number, or name of one of the ports.
 */
port: (number | string)
/**
 * Name asked for; empty: the server as a whole.
 */
service?: string
}
/**
 * Seconds after the start before the first try.
 */
initialDelaySeconds?: number
/**
 * Seconds between tries.
 */
periodSeconds?: number
/**
 * The same as periodSeconds, as a duration.
 */
period?: (string | number)
/**
 * Seconds until a try has failed.
 */
timeoutSeconds?: number
/**
 * The same as timeoutSeconds, as a duration.
 */
timeout?: (string | number)
/**
 * Successes in a row until it has started.
 */
successThreshold?: number
/**
 * Failures after which the process is ended and restarted by its policy.
 */
failureThreshold?: number
/**
 * Time between the stop signal and SIGKILL when this probe ends the process, in seconds or as a duration.
 */
terminationGracePeriodSeconds?: (number | string)
}
/**
 * Whether it counts as ready and is preferred for connections; tried more often until the first success. One of exec, httpGet, tcpSocket and grpc.
 */
readinessProbe?: {
/**
 * Command in the container; exit code 0 is success.
 */
exec?: string[]
/**
 * HTTP request to the container; 200 to 399 is success. A redirect is not followed, the certificate of HTTPS is not checked.
 */
httpGet?: {
/**
 * Path of the request.
 */
path?: string
/**
 * Number, or name of one of the ports.
 */
port: (number | string)
/**
 * HTTP or HTTPS.
 */
scheme?: ("HTTP" | "HTTPS")
/**
 * Headers of the request.
 */
headers?: {
[k: string]: string
}
}
/**
 * A connection that is accepted is success.
 */
tcpSocket?: {
/**
 * Number, or name of one of the ports.
 */
port: (number | string)
}
/**
 * Health service of gRPC (grpc.health.v1) without TLS; SERVING is success.
 */
grpc?: {
/**
 * Number, or name of one of the ports.
 */
port: (number | string)
/**
 * Name asked for; empty: the server as a whole.
 */
service?: string
}
/**
 * Seconds after the start before the first try.
 */
initialDelaySeconds?: number
/**
 * Seconds between tries.
 */
periodSeconds?: number
/**
 * The same as periodSeconds, as a duration.
 */
period?: (string | number)
/**
 * Seconds until a try has failed.
 */
timeoutSeconds?: number
/**
 * The same as timeoutSeconds, as a duration.
 */
timeout?: (string | number)
/**
 * Successes in a row that make it ready.
 */
successThreshold?: number
/**
 * Failures in a row that make it not ready.
 */
failureThreshold?: number
}
/**
 * Restarts the process when it fails. One of exec, httpGet, tcpSocket and grpc.
 */
livenessProbe?: {
/**
 * Command in the container; exit code 0 is success.
 */
exec?: string[]
/**
 * HTTP request to the container; 200 to 399 is success. A redirect is not followed, the certificate of HTTPS is not checked.
 */
httpGet?: {
/**
 * Path of the request.
 */
path?: string
/**
 * Number, or name of one of the ports.
 */
port: (number | string)
/**
 * HTTP or HTTPS.
 */
scheme?: ("HTTP" | "HTTPS")
/**
 * Headers of the request.
 */
headers?: {
[k: string]: string
}
}
/**
 * A connection that is accepted is success.
 */
tcpSocket?: {
/**
 * Number, or name of one of the ports.
 */
port: (number | string)
}
/**
 * Health service of gRPC (grpc.health.v1) without TLS; SERVING is success.
 */
grpc?: {
/**
 * Number, or name of one of the ports.
 */
port: (number | string)
/**
 * Name asked for; empty: the server as a whole.
 */
service?: string
}
/**
 * Seconds after the start before the first try.
 */
initialDelaySeconds?: number
/**
 * Seconds between tries.
 */
periodSeconds?: number
/**
 * The same as periodSeconds, as a duration.
 */
period?: (string | number)
/**
 * Seconds until a try has failed.
 */
timeoutSeconds?: number
/**
 * The same as timeoutSeconds, as a duration.
 */
timeout?: (string | number)
/**
 * Must be 1.
 */
successThreshold?: number
/**
 * Failures in a row after which the process is ended and restarted by its policy.
 */
failureThreshold?: number
/**
 * Time between the stop signal and SIGKILL when this probe ends the process, in seconds or as a duration.
 */
terminationGracePeriodSeconds?: (number | string)
}
/**
 * Health check in the form of Compose; becomes a readiness probe. What it leaves out is the image's HEALTHCHECK.
 */
healthcheck?: {
/**
 * [CMD, program, …], [CMD-SHELL, command], a command for the shell, or [NONE].
 */
test?: (string[] | string)
/**
 * Between tries.
 */
interval?: (string | number)
/**
 * Until a try has failed.
 */
timeout?: (string | number)
/**
 * Failures from the start until then do not count.
 */
start_period?: (string | number)
/**
 * Between tries in the start period.
 */
start_interval?: (string | number)
/**
 * Failures in a row that make it not ready.
 */
retries?: number
/**
 * Runs none, the image's HEALTHCHECK neither.
 */
disable?: boolean
/**
 * Makes it a liveness probe too: the process is restarted when it fails.
 */
restart?: boolean
}
/**
 * Whether the supervisor starts the process again when it has ended.
 */
restartPolicy?: ("Always" | "OnFailure" | "Never")
/**
 * Pause before a restart; doubled each time. The first restart after a good run is immediate.
 */
restartBackoff?: {
/**
 * First pause.
 */
initial?: (string | number)
/**
 * Longest pause.
 */
max?: (string | number)
/**
 * A run of this length counts as good.
 */
reset?: (string | number)
}
/**
 * Gives up after so many restarts.
 */
maxRestarts?: number
/**
 * Signal that asks the process to end.
 */
stopSignal?: (string | number)
/**
 * Time between the stop signal and SIGKILL, in seconds or as a duration.
 */
terminationGracePeriodSeconds?: (number | string)
/**
 * Hooks at start and stop.
 */
lifecycle?: {
/**
 * After the start.
 */
postStart?: {
/**
 * Command in the container.
 */
exec?: string[]
/**
 * HTTP request; 200 to 399 is success.
 */
httpGet?: {
/**
 * Path of the request.
 */
path?: string
/**
 * Number or name of the port.
 */
port?: (number | string)
/**
 * HTTP or HTTPS.
 */
scheme?: ("HTTP" | "HTTPS")
/**
 * Headers of the request.
 */
headers?: {
[k: string]: string
}
}
/**
 * Only wait.
 */
sleep?: (string | number)
}
/**
 * Before the stop signal.
 */
preStop?: {
/**
 * Command in the container.
 */
exec?: string[]
/**
 * HTTP request; 200 to 399 is success.
 */
httpGet?: {
/**
 * Path of the request.
 */
path?: string
/**
 * Number or name of the port.
 */
port?: (number | string)
/**
 * HTTP or HTTPS.
 */
scheme?: ("HTTP" | "HTTPS")
/**
 * Headers of the request.
 */
headers?: {
[k: string]: string
}
}
/**
 * Only wait.
 */
sleep?: (string | number)
}
}
/**
 * Containers that come first, as a list of references or a map from reference to settings.
 */
dependsOn?: (string[] | {
[k: string]: ({
/**
 * What is waited for.
 */
condition?: "Started"
/**
 * Restart when the other one is replaced.
 */
restart?: boolean
/**
 * How long to wait before it counts as failed.
 */
timeout?: (string | number)
} | null)
})
/**
 * Steps that end before the first new instance starts.
 */
initContainers?: unknown[]
/**
 * Processes beside the main one, in the same sandbox.
 */
sidecars?: unknown[]
/**
 * Number of copies.
 */
replicas?: number
/**
 * How copies are exchanged.
 */
strategy?: {
/**
 * Recreate: stop the old one, then start the new one.
 */
type?: "Recreate"
/**
 * Copies above the number while exchanging.
 */
maxSurge?: (number | string)
/**
 * Copies that may be missing while exchanging.
 */
maxUnavailable?: (number | string)
/**
 * Ready for so long counts as ready.
 */
minReady?: (string | number)
/**
 * Time until a rollout without progress has failed.
 */
deadline?: (string | number)
/**
 * Time for connections of the old copy to finish.
 */
drain?: (string | number)
/**
 * Rollback, Pause or Continue.
 */
onFailure?: ("Rollback" | "Pause" | "Continue")
}
/**
 * Follow newer images.
 */
autoUpdate?: {
/**
 * Off, Digest (the tag moved) or Semver (a newer version within range).
 */
policy?: ("Off" | "Digest" | "Semver")
/**
 * Versions that are accepted.
 */
range?: string
/**
 * When to look, five fields.
 */
schedule?: string
/**
 * When a change may happen.
 */
window?: string
/**
 * Go back when the new one does not become ready.
 */
rollback?: boolean
}
/**
 * Where output goes.
 */
logging?: {
/**
 * file: bounded files in the state directory.
 */
driver?: "file"
/**
 * Size at which a file is closed and the next begun.
 */
maxSize?: (string | number)
/**
 * Files kept an instance.
 */
maxFiles?: number
/**
 * Replaced instances whose logs are kept.
 */
keepOld?: number
}
/**
 * Runtime by its name in the EngineConfig.
 */
runtime?: string
/**
 * Stopped: object, address and layer are kept.
 */
state?: ("Running" | "Stopped")
}

/**
 * Fields of a Image.
 */
export interface ImageFields {
/**
 * Reference such as docker.io/library/nginx:1.29, or oci:DIR[:tag], oci-archive:FILE[:tag], docker-archive:FILE[:tag].
 */
ref: string
/**
 * When the registry is asked: only when absent, at each apply, or never.
 */
pullPolicy?: ("IfNotPresent" | "Always" | "Never")
/**
 * Whether it counts as used by itself; if not, it may go when nothing else uses it, and comes back when something does.
 */
keep?: boolean
/**
 * Follow newer images.
 */
autoUpdate?: {
/**
 * Off, Digest (the tag moved) or Semver (a newer version within range).
 */
policy?: ("Off" | "Digest" | "Semver")
/**
 * Versions that are accepted.
 */
range?: string
/**
 * When to look, five fields.
 */
schedule?: string
/**
 * When a change may happen.
 */
window?: string
/**
 * Go back when the new one does not become ready.
 */
rollback?: boolean
}
/**
 * Signatures the image must have before it is unpacked, beside those its Registry asks for.
 */
verify?: {
/**
 * Public keys in PEM form, as cosign.pub has one: ECDSA, RSA or Ed25519.
 */
keys?: string[]
/**
 * Files with a public key each, beside the manifest: a path or a pattern.
 */
keyFiles?: string[]
/**
 * Any: one of the keys must have signed; All: each of them.
 */
policy?: ("Any" | "All")
/**
 * Repository: the signature must name this repository; Any: only the digest counts, as with cosign verify.
 */
identity?: ("Any" | "Repository")
}
}

/**
 * Fields of a Network.
 */
export interface NetworkFields {
/**
 * Kind of network.
 */
driver?: "bridge"
/**
 * IPv4 network in CIDR form; a grown one is taken in place, a moved one breaks connections.
 */
subnet?: string
/**
 * Address of the bridge.
 */
gateway?: string
/**
 * Part of the subnet from which addresses are leased.
 */
ipRange?: string
/**
 * IPv6 addresses.
 */
ipv6?: {
/**
 * auto, true or false.
 */
enabled?: (boolean | string)
/**
 * Network or auto (unique local).
 */
subnet?: string
}
/**
 * No way out of the host.
 */
internal?: boolean
/**
 * No traffic to other networks of tsdock.
 */
isolated?: boolean
/**
 * Outgoing traffic carries the address of the host.
 */
masquerade?: boolean
/**
 * Largest packet, or auto.
 */
mtu?: (number | string)
/**
 * Names of its members.
 */
dns?: {
/**
 * Servers asked for other names, instead of those of the host; at most three addresses.
 */
forwarders?: string[]
/**
 * Further domain under which its members have their names, beside their namespaces.
 */
domain?: string
}
}

/**
 * Fields of a Volume.
 */
export interface VolumeFields {
/**
 * local: a directory of the engine; bind: a path of the host; tmpfs: in memory.
 */
driver?: ("local" | "bind" | "tmpfs")
/**
 * Path of the host, for bind; relative to the manifest.
 */
hostPath?: string
/**
 * Server, path and options.
 */
nfs?: {
/**
 * Server.
 */
server?: string
/**
 * Exported path.
 */
path?: string
/**
 * Mount options.
 */
options?: string
}
/**
 * Limit of its size.
 */
size?: (string | number)
/**
 * ReadWriteOnce: never two writers in a rollout.
 */
accessMode?: ("ReadWriteOnce" | "ReadWriteMany")
/**
 * Owner and mode of its top directory.
 */
owner?: {
/**
 * User.
 */
uid?: number
/**
 * Group.
 */
gid?: number
/**
 * Mode in quotes: "0750".
 */
mode?: (string | number)
}
/**
 * Fills it once, when empty.
 */
populateFrom?: {
/**
 * Image.
 */
image?: string
/**
 * Path in the image.
 */
path?: string
/**
 * Archive.
 */
tar?: string
}
/**
 * Whether the data goes with the object.
 */
reclaimPolicy?: ("Retain" | "Delete")
}

/**
 * Fields of a Config.
 */
export interface ConfigFields {
/**
 * File name to text.
 */
data?: {
[k: string]: string
}
/**
 * File name to bytes in base64.
 */
binaryData?: {
[k: string]: string
}
/**
 * Paths or globs (* and ?), relative to the manifest; the key is the base name. Read when the manifest is read, also by the watch of a directory.
 */
files?: string[]
/**
 * Replaces ${NAME} of declared variables in data too.
 */
interpolate?: boolean
/**
 * Refuses other content from then on; a new name takes it.
 */
immutable?: boolean
}

/**
 * Fields of a Secret.
 */
export interface SecretFields {
/**
 * Key to text.
 */
stringData?: {
[k: string]: string
}
/**
 * Key to bytes in base64.
 */
data?: {
[k: string]: string
}
/**
 * Key to armoured age text; decrypted with the identities in keys/identity.txt of the state directory, one a line as age-keygen writes them.
 */
encrypted?: {
[k: string]: string
}
/**
 * One further source. file, env and exec give the key "value" and are read where the manifest is read.
 */
from?: {
/**
 * Path of a file, relative to the manifest; its bytes as they are.
 */
file?: string
/**
 * Variable in the environment of the command, or of the daemon for a watched directory.
 */
env?: string
/**
 * Program and arguments, run without a shell beside the manifest, at most 10 seconds and 1 MiB; its output without the last line break. In a watched directory it runs when its manifest has changed.
 */
exec?: string[]
/**
 * Another Secret, name or namespace/name; follows its content.
 */
secret?: string
/**
 * Which keys of that Secret.
 */
keys?: string[]
}
/**
 * Key to a rule. The value is made once on the host and kept, also when its rule changes.
 */
generate?: {
[k: string]: {
/**
 * Number of characters; of random bytes for base64.
 */
length?: number
/**
 * Which characters.
 */
charset?: ("alnum" | "hex" | "base64" | "ascii")
}
}
}

/**
 * Fields of a Job.
 */
export interface JobFields {
/**
 * Fields of Container.spec; restartPolicy OnFailure; no ports, replicas, strategy.
 */
template: {

}
/**
 * OnChange, Once or Always.
 */
runPolicy?: ("OnChange" | "Once" | "Always")
/**
 * Runs that must succeed.
 */
completions?: number
/**
 * Runs at the same time.
 */
parallelism?: number
/**
 * Failures until it has failed.
 */
backoffLimit?: number
/**
 * Time until it is ended.
 */
activeDeadlineSeconds?: number
/**
 * Time until a finished one is removed.
 */
ttlSecondsAfterFinished?: number
}

/**
 * Fields of a CronJob.
 */
export interface CronJobFields {
/**
 * Five fields, or @daily and the like.
 */
schedule: string
/**
 * Time zone of the schedule.
 */
timeZone?: string
/**
 * Forbid, Allow or Replace.
 */
concurrencyPolicy?: ("Forbid" | "Allow" | "Replace")
/**
 * Runs once what was missed.
 */
catchUp?: boolean
/**
 * How late a run may start.
 */
startingDeadlineSeconds?: number
/**
 * Starts no runs.
 */
suspend?: boolean
/**
 * Finished Jobs kept.
 */
successfulJobsHistoryLimit?: number
/**
 * Failed Jobs kept.
 */
failedJobsHistoryLimit?: number
/**
 * Fields of Job.spec.
 */
jobTemplate: {

}
}

/**
 * Fields of a Registry.
 */
export interface RegistryFields {
/**
 * Host as references have it, with its port: docker.io, registry.example.com:5000.
 */
host: string
/**
 * Hosts asked first, in this order, with a path if the mirror keeps the registry below one: mirror.lan:5000, harbor.lan/dockerhub. A mirror that fails is left out.
 */
mirrors?: string[]
/**
 * Login; without one that of docker login is used.
 */
auth?: {
/**
 * Secret with the keys user and password, or token for an identity token.
 */
secret?: string
}
/**
 * Certificate authorities in PEM that are trusted for this host, beside the public ones.
 */
ca?: string
/**
 * Certificate shown to the host.
 */
clientCertificate?: {
/**
 * Secret with the keys tls.crt and tls.key.
 */
secret?: string
}
/**
 * Further hosts that may get its login to answer with a token: auth.example.com.
 */
realms?: string[]
/**
 * Plain HTTP; loopback needs no permission.
 */
insecure?: boolean
/**
 * Signatures the images of this host must have before they are unpacked, by repository; the longest prefix counts.
 */
verify?: {
/**
 * Path that repositories begin with, in whole parts: team is for team/app. Empty: all of the host.
 */
prefix?: string
/**
 * Public keys in PEM form, as cosign.pub has one: ECDSA, RSA or Ed25519.
 */
keys?: string[]
/**
 * Files with a public key each, beside the manifest: a path or a pattern.
 */
keyFiles?: string[]
/**
 * Any: one of the keys must have signed; All: each of them; None: no signature is asked for below this prefix.
 */
policy?: ("Any" | "All" | "None")
/**
 * Repository: the signature must name this repository; Any: only the digest counts, as with cosign verify.
 */
identity?: ("Any" | "Repository")
}[]
}

/**
 * Fields of a EngineConfig.
 */
export interface EngineConfigFields {
/**
 * Carried by every link, nft table, cgroup and mount, so that two engines can live side by side. One to eight of a-z and 0-9, a letter first.
 */
prefix?: string
/**
 * The loop.
 */
reconcile?: {
/**
 * Pause between full looks.
 */
interval?: (string | number)
/**
 * Actions at the same time.
 */
parallel?: number
}
/**
 * Where automatic subnets come from.
 */
pools?: {
/**
 * IPv4 network in CIDR form.
 */
cidr: string
/**
 * Prefix length of each subnet.
 */
block: number
}[]
/**
 * Directories that are watched: {dir, set, prune, recursive, vars, varFiles, maxDelete, onInvalid, onFailure, settle, statusFile}. Until then: daemon --watch DIR.
 */
watch?: unknown[]
/**
 * respect leaves rules of others alone, open opens them for published ports.
 */
firewall?: ("respect" | "open")
/**
 * Defaults of published ports.
 */
publish?: {
/**
 * Address.
 */
hostIP?: string
/**
 * host, lan or world.
 */
exposure?: string
}
/**
 * When unused images and old revisions go.
 */
gc?: {
/**
 * Share of the state directory's disk in use above which the daemon removes images that nothing uses, the one that was not used for the longest time first.
 */
high?: (string | number)
/**
 * Share at which it ends; at most high.
 */
low?: (string | number)
/**
 * What was pulled or used within this time stays.
 */
minAge?: (string | number)
/**
 * Revisions of each set that are kept, the present one included; their images stay.
 */
keepRevisions?: number
/**
 * How long removed containers are kept.
 */
trash?: string
}
/**
 * Container fields put under every Container.
 */
defaults?: {

}
/**
 * Name to path of an OCI runtime.
 */
runtimes?: {
[k: string]: string
}
/**
 * The Docker-compatible API.
 */
docker?: {
/**
 * Serves it.
 */
enabled?: boolean
/**
 * Path.
 */
socket?: string
/**
 * Group of the socket.
 */
group?: string
}
}
