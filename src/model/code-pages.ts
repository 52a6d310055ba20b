/** `tsdock explain CODE`: what each code means, how it comes about, what to do. Codes that are thrown are checked by the compiler, those of manifests by a test. */
import type { ErrorCode } from './errors.ts';

export interface CodePage {
  readonly means: string;
  readonly causes: string;
  readonly next: string;
}

const page = (means: string, causes: string, next: string): CodePage => ({ means, causes, next });

/** What the world does to us (model/errors.ts). */
const thrown: { readonly [C in ErrorCode]: CodePage } = {
  INTERNAL: page(
    'A bug of tsdock: something happened that no code is made for.',
    'A case nobody thought of. Containers go on.',
    'Run it again with -v and report the stack that is printed.',
  ),
  MANIFEST: page(
    'Manifests have errors; nothing was changed.',
    'Each error has a line of its own with file, line, column and code.',
    'Mend them, then check with tsdock lint.',
  ),
  IMG001: page(
    'An image reference has upper-case letters.',
    'Repository names are lower case everywhere.',
    'Write it in lower case; only tags may have capitals.',
  ),
  IMG002: page(
    'An image reference is malformed.',
    'A digest of the wrong length, an empty tag, characters no name may have.',
    'The form is [host[:port]/]name[:tag][@sha256:…].',
  ),
  IMG003: page(
    'An image reference is a URL.',
    'A scheme such as https:// stands before the name.',
    'Leave the scheme out: registry.example/name:tag.',
  ),
  IMG010: page(
    'The image has no variant for this host.',
    'It was built for other processors or systems; the message lists which.',
    'Build it for this platform, or choose another tag.',
  ),
  IMG011: page(
    'The reference names an artifact, not an image.',
    'Registries also hold charts, signatures and other files.',
    'Name an image; its manifest has a config of type image.',
  ),
  IMG012: page(
    'The image is in the old schema 1 form.',
    'It was pushed by a program from before 2017.',
    'Push it again with a present-day program.',
  ),
  IMG013: page(
    'The manifest can be read in two ways.',
    'It has fields of an index and of an image at once, which can hide content from checks.',
    'Push it again; ask its maker why.',
  ),
  IMG020: page(
    'A layer unpacks to more than is allowed.',
    'A decompression bomb, or a really huge image.',
    'Check where it comes from; make its layers smaller.',
  ),
  IMG021: page(
    'An entry of a layer points outside the root file system.',
    'A damaged or hostile archive.',
    'Do not use the image; tell its maker.',
  ),
  IMG022: page(
    'A layer or archive cannot be read.',
    'It is cut off, not a tar archive, or compressed in an unknown way.',
    'Pull or save it again.',
  ),
  IMG030: page('The image is in use.', 'A container or an Image object needs it; the message names them.', 'Delete those first.'),
  REG401: page(
    'The registry wants a login.',
    'A private image, a wrong or expired password, or a name that does not exist and is not told apart.',
    'Check the name, then the login: a Registry object or the config.json of docker login.',
  ),
  REG403: page(
    'The registry refuses this login.',
    'It lacks the right to pull this repository, or the address is blocked.',
    'Ask the owner of the repository for access.',
  ),
  REG404: page(
    'The registry has no such image.',
    'A misspelt name or tag, or one that was deleted.',
    'Look the tag up; the message names the nearest one if there is one.',
  ),
  REG429: page(
    'The registry limits pulls.',
    'Too many pulls from this address or account.',
    'It is tried again at the time the registry names; log in, or set a mirror.',
  ),
  REG503: page(
    'The registry has an error of its own.',
    'It is overloaded or being maintained.',
    'It is tried again with growing pauses; nothing to do here.',
  ),
  REG010: page(
    'Content does not match its digest.',
    'A broken proxy or mirror, or damage on the way. Nothing of it was kept.',
    'Try another mirror; if it stays, the registry holds damaged content.',
  ),
  REG011: page(
    'A download ended too early.',
    'The connection was cut; what came is kept and continued.',
    'It is tried again; look at proxies if it stays.',
  ),
  REG012: page(
    'A download stopped moving.',
    'No data for the time the message names.',
    'It is tried again; look at the network between here and the registry.',
  ),
  REG020: page(
    'The registry answered something that is no registry’s answer.',
    'A proxy’s login page, a web site behind the name, redirects without end.',
    'Open https://HOST/v2/ with curl and see who answers.',
  ),
  REG021: page(
    'The registry sends logins or content elsewhere; refused.',
    'A redirect or token address that could carry a password to somebody else.',
    'Check the host; a trusted mirror belongs into a Registry object.',
  ),
  REG030: page(
    'The registry cannot be reached.',
    'Wrong host or port, no route, DNS, or a firewall.',
    'It is tried again; check with curl https://HOST/v2/.',
  ),
  TLS001: page(
    'No secure connection to the registry.',
    'Another protocol on that port, or a proxy in between.',
    'A registry without TLS needs insecure: true in a Registry object (loopback does not).',
  ),
  TLS002: page(
    'The certificate of the registry is not trusted.',
    'An authority of its own, an expired certificate, another host name.',
    'Put the authority into ca of a Registry object, or renew the certificate.',
  ),
  DSK001: page(
    'The disk is full.',
    'Images, logs or volumes fill it; the message names path and bytes.',
    'Free space: tsdock image ls and image rm, then the volumes.',
  ),
  DSK002: page(
    'The file system cannot be written.',
    'It is read-only, failing, or a quota is reached.',
    'Look at the kernel log and the mount.',
  ),
  NET001: page(
    'A subnet overlaps another network.',
    'A route of the host, a VPN or another Network has these addresses.',
    'Leave subnet out, or take the free one the hint names.',
  ),
  NET010: page(
    'The kernel refused a link, an address or a rule.',
    'Missing capability or module, or somebody else’s object of that name; the message names the step.',
    'tsdock doctor names what is missing.',
  ),
  PRT010: page(
    'A host port is busy.',
    'A program outside tsdock listens there, or another engine publishes it; the message names who.',
    'Stop it, or publish another host port.',
  ),
  VOL001: page(
    'What a mount needs is not on this host.',
    'A hostPath or the source of a bind does not exist.',
    'Create it, or write create: true.',
  ),
  VOL010: page(
    'A volume or mount cannot be prepared.',
    'A symbolic link leads out of it, or the directory cannot be made; the message names the part.',
    'Mend the path the message names.',
  ),
  IMG040: page(
    'The image has no signature, and one is required.',
    'A Registry or an Image object names public keys in verify; the registry shows no signature for the digest the message names, neither by cosign’s tag nor among its referrers.',
    'Sign that digest: cosign sign --key cosign.key NAME@DIGEST. It is looked for again by itself.',
  ),
  IMG041: page(
    'No signature of the image is one that counts.',
    'Each was made with another key, is for another image, or does not name this repository; the message says which.',
    'Sign the image with a key of the policy, or add the key to it. While keys are changed, the policy may have both.',
  ),
  IMG031: page(
    'A name of a loaded archive stands for another image already.',
    'An archive may claim any name, and taking one over in silence would change what runs next.',
    'Load it under another name, or say that the name is to be taken over.',
  ),
  IMG032: page(
    'Something of an image that is here is missing or damaged.',
    'A blob was lost or changed on the disk after it came. Nothing is handed out that is not what its digest says.',
    'tsdock image verify NAME reads everything of the image and fetches what is damaged.',
  ),
  IMG033: page(
    'Nothing of the image store may be removed now.',
    'A record of an image cannot be read, or what runs could not be looked at: then nobody knows what is needed.',
    'Mend what the message names; tsdock image verify removes records that cannot be read.',
  ),
  CFG003: page(
    'An immutable Config would change.',
    'It was accepted with immutable: true, so that its users can rely on it.',
    'Give the new content a new name and let its users name that.',
  ),
  SEC010: page(
    'There is no key for Secrets, or no memory to keep their clear values in.',
    'A file below keys/ of the state directory is damaged, or neither the run directory nor /dev/shm is in memory.',
    'Restore the key from its backup, or mount a tmpfs.',
  ),
  SEC011: page(
    'A Secret cannot be opened.',
    'It was sealed with another key, or an age text is not for an identity of this host.',
    'Restore keys/ of the state directory, or encrypt it for this host.',
  ),
  SEC012: page('A key of a Secret has no rule to generate it by.', 'Its value is in a manifest.', 'Change it there and apply.'),
  SEC013: page('A value of a Secret cannot be a variable.', 'It is no text, or has a NUL byte in it.', 'Mount the Secret as files.'),
  SEC014: page(
    'The values of a Secret cannot be edited where they are written.',
    'The text is no YAML, or has a form of which only a part would have to change.',
    'Write the values one a line, below stringData or encrypted.',
  ),
  SEC015: page(
    'There is nobody to encrypt a value for.',
    'No recipient was named, and this host has no identity of its own.',
    'tsdock secret keygen on the host that is to read it, then --recipients with what it prints.',
  ),
  CFG010: page(
    'The files of a Config cannot be written.',
    'A key that is no plain file name, or a key that is mounted and not there.',
    'Use keys without "/", and a subPath that is one of them.',
  ),
  RUN010: page(
    'The user of a container does not exist.',
    'The image’s /etc/passwd or /etc/group lacks it.',
    'Use a name that is there, or numbers: 1000:1000.',
  ),
  RUN020: page(
    'A container could not be set up.',
    'A step before its program failed; the message names step and call.',
    'tsdock doctor, then tsdock why of the container.',
  ),
  RUN030: page(
    'A container cannot be stopped.',
    'Its processes hang in the kernel, usually in storage.',
    'Look at the kernel log; it is tried again.',
  ),
  RUN126: page(
    'The program of a container may not be run.',
    'It is not executable, or built for another processor.',
    'chmod +x in the image, or the right platform.',
  ),
  RUN127: page(
    'The program of a container is not in its image.',
    'A misspelt command, another PATH, or a script whose interpreter is missing.',
    'The hint names near files; a shell form needs sh -c.',
  ),
  CLI001: page(
    'No daemon answers.',
    'It is not running, hangs, or was asked for with --context.',
    'Start it: tsdock daemon, or systemctl start tsdock. Most commands work without one.',
  ),
  CLI002: page(
    'The socket of the daemon may not be opened.',
    'Only root and the group tsdock may.',
    'sudo, or join the group: usermod -aG tsdock USER. Who may open it is root on this host.',
  ),
  CLI010: page(
    'The command line is not understood.',
    'A misspelt option, command or value.',
    'The hint names the nearest one; tsdock COMMAND --help has all.',
  ),
  CLI011: page('A file cannot be read.', 'It is not there, or not readable.', 'Check the path; the hint names what is beside it.'),
  CLI020: page(
    'Something stands in the way.',
    'A file of somebody else, or one that cannot be written; the message names it.',
    'Move it away, or get the right to write it.',
  ),
  CLI021: page(
    'There is no such object.',
    'Another name or another namespace.',
    'The hint names the nearest; tsdock get all -A has every one.',
  ),
  CLI022: page(
    'The object is used by another one.',
    'Deleting it would leave a reference to nothing.',
    'Delete the user too, or say --cascade.',
  ),
  CLI024: page(
    'Data would be lost.',
    'A volume with data would go or change its place.',
    'Give what has another place a new name; delete with --keep-volumes, or with --allow-data-loss.',
  ),
  CLI025: page(
    'Too much would be removed, or something protected.',
    'More than --max-delete of a set, or tsdock/protect: "true".',
    'Check with tsdock diff --prune; then --max-delete 100%, or --force.',
  ),
  CLI030: page(
    'The object belongs to another set.',
    'Another directory or another apply owns it.',
    'Change it there, or say --take-ownership.',
  ),
  DMN001: page(
    'Another engine holds the state.',
    'A daemon or another command works on it.',
    'Wait (--lock-timeout), or use the daemon’s socket.',
  ),
  DMN002: page(
    'The state is newer than this program.',
    'It was written by a later version. Nothing was touched.',
    'Install that version or a newer one.',
  ),
  DMN010: page(
    'State or run directory cannot be used.',
    'A damaged store in read-only mode, a path that is too long, or something else where the socket belongs.',
    'The hint says which; a damaged store is set aside at the next start of the daemon.',
  ),
  DMN011: page(
    'The state cannot be written.',
    'It is open for reading only, closing, or the disk refuses.',
    'Try again; look at disk and mount if it stays.',
  ),
  DMN021: page(
    'A prune is held.',
    'A watched directory lost more than 30 % of its objects at once.',
    'Bring the files back, or tsdock prune SET --confirm.',
  ),
  DMN030: page('The daemon needs root.', 'It was started by another user.', 'sudo tsdock daemon, or the unit of tsdock install.'),
  JSON001: page(
    'A text is no JSON.',
    'A missing quote or comma, a number or escape JSON does not know.',
    'The message names line and column.',
  ),
  API400: page('A request is malformed.', 'A field of another type, an unknown parameter, another content type.', 'See /v1/openapi.json.'),
  API403: page(
    'A request comes from elsewhere.',
    'A foreign Host or an Origin: a web page must not steer the engine.',
    'Use the socket directly.',
  ),
  API404: page('The API has no such address.', 'A misspelt path or kind.', 'See /v1/openapi.json.'),
  API405: page(
    'The address takes other methods.',
    'A GET where a POST belongs, or the reverse.',
    'The message names those that are possible.',
  ),
  API013: page('A request is too large.', 'A body of more than 4 MiB.', 'Send fewer documents at once.'),
  TIMEOUT: page(
    'Something is not ready in time.',
    'It still works on it; the lines before say what waits for what.',
    'tsdock why, or a longer --timeout. Nothing was undone.',
  ),
  ABORTED: page(
    'The command was interrupted.',
    'SIGINT or SIGTERM. A daemon goes on with what it accepted.',
    'Run it again; every step is repeatable.',
  ),
};

/** What an author of a manifest gets wrong (manifest/). */
const diagnosed = {
  YAML001: page('A tab is used for indentation.', 'YAML allows spaces only.', 'Replace it by spaces.'),
  YAML002: page('A quote is never closed.', 'The text goes on to the end of the file.', 'Close it on the line the message names.'),
  YAML003: page('A key is set twice.', 'Which one counts would be a guess.', 'Keep one; both places are named.'),
  YAML004: page(
    'The text is no YAML.',
    'A wrong indentation, a missing colon, a bracket that is not closed.',
    'Look at the place the message names and the line before.',
  ),
  YAML010: page('Aliases expand to too much.', 'Anchors that hold each other many times.', 'Write it out.'),
  YAML011: page('The document is nested too deep.', 'More than 64 levels.', 'Make it flatter; no manifest needs that many.'),
  YAML012: page(
    'The document or file is too large.',
    'More than 1 MiB a document, 4 MiB a file.',
    'Data belongs into a Volume or Config file.',
  ),
  YAML013: page('The file is not UTF-8.', 'It was saved in another encoding.', 'Convert it with iconv, as the hint says.'),
  YAML014: page('A tag is not supported.', 'Tags such as !!python/object or those of Compose.', 'Remove it.'),
  YAML015: page(
    'An alias has no anchor.',
    'A misspelt name, or an anchor of another document.',
    'Define &name before *name in the same document.',
  ),
  YAML016: page(
    'A character is not allowed.',
    'A control character, often from copying.',
    'Remove it; binary data belongs into binaryData.',
  ),
  YAML017: page('A merge key merges something that is no map.', '<<: of a list of texts or a scalar.', '<<: *anchor, or <<: [*one, *two].'),
  YAML018: page('A key is no text.', 'A list, map, number or null as key.', 'Quote it.'),
  YAML019: page('The path is no file.', 'A directory, device or socket.', 'Name a file.'),
  YAML020: page('The file has no object.', 'It is empty or has comments only.', 'Remove it from the input, or write something.'),
  YAML021: page('The file has conflict markers.', 'A merge that was not finished.', 'Resolve it.'),
  YAML022: page(
    'The file looks like an unrendered template.',
    'Helm and others write {{ … }}.',
    'Render it first, or declare variables with --var.',
  ),
  SCH001: page(
    'A field is unknown.',
    'A misspelling, or the field of another kind.',
    'The hint names the nearest; tsdock explain KIND lists all.',
  ),
  SCH002: page('A field is missing.', 'It has no default.', 'Add it; tsdock explain KIND.FIELD.'),
  SCH003: page('A value has another type.', 'A text for a number, a map for a list.', 'tsdock explain KIND.FIELD says what it takes.'),
  SCH004: page(
    'A value is outside what is possible.',
    'Too large, too small, or none of the possible words.',
    'The message names the bounds.',
  ),
  SCH005: page('A variable of the environment is no text.', 'YAML reads 1, true and null as other things.', 'Quote it: "1".'),
  SCH006: page(
    'A word is a text here and a boolean elsewhere.',
    'yes, no, on, off: YAML 1.2 and 1.1 differ.',
    'Quote it, or write true or false.',
  ),
  SCH007: page('A mode is decimal.', 'YAML 1.2 reads 0644 as six hundred and forty-four.', 'Write it in quotes: "0644".'),
  SCH008: page('A name of a variable is not possible.', 'It is empty, or has "=" or a NUL in it.', 'Letters, digits and "_".'),
  SCH010: page(
    'A kind is unknown.',
    'A misspelling, or a kind of another program.',
    'The hint names the nearest; Deployment and Pod are Container here.',
  ),
  SCH011: page('An apiVersion is unknown or newer.', 'A manifest of another program, or for a later tsdock.', 'apiVersion: tsdock/v1.'),
  SCH012: page('A name is not possible.', 'Names are DNS labels: a-z, 0-9 and "-", a letter first.', 'Change it.'),
  SCH013: page('A name is too long.', 'DNS labels have at most 63 characters.', 'Shorten it.'),
  SCH014: page(
    'A kind does not belong here.',
    'EngineConfig is host policy and read from its own file only, which holds nothing else.',
    'Move it to /etc/tsdock/config.yaml, or out of it.',
  ),
  SCH015: page('A file is a Compose file and a manifest at once.', 'It has services and kind.', 'Keep one spelling a file.'),
  SCH016: page(
    'A field, value or kind comes with a later release.',
    'It is known but does nothing yet, so it is refused.',
    'Remove it until then.',
  ),
  SCH017: page('A user is malformed.', 'Not uid[:gid] or user[:group].', '1000:1000, or names of the image.'),
  SCH018: page('A host name is malformed.', 'Other characters than letters, digits and "-" between dots.', 'Change it.'),
  SCH019: page('A path is not absolute.', 'It would depend on where something was started.', 'Begin it with "/".'),
  SCH020: page(
    'An object is defined twice.',
    'The same kind, namespace and name in two places.',
    'Rename or remove one; both places are named.',
  ),
  SCH021: page('A variable is set twice.', 'The list form of env has it two times.', 'Keep one.'),
  SCH022: page('The configuration of the engine has several documents.', 'There is one engine.', 'Put all fields into one.'),
  SCH030: page(
    'A command needs a shell, or cannot be split.',
    'Pipes and && are words for the program here; a quote is open.',
    'command: [sh, -c, "…"], or a list.',
  ),
  CLI023: page(
    'What was deleted by name comes back.',
    'A file of a watched directory still declares it, and the daemon applies the file again.',
    'Remove the document from the file that the message names, or the file; tsdock stop keeps the object and ends its processes.',
  ),
  SCH031: page('A signal is unknown.', 'A misspelling.', 'SIGTERM, TERM or 15.'),
  SCH032: page('A duration is malformed.', 'A missing or unknown unit.', '10s, 2m, 1h30m.'),
  SCH033: page('A command is empty or cannot be split.', 'A text without a word in it.', 'Write it as a list, or leave it out.'),
  SCH034: page(
    'The source of a value is not clear.',
    'None or several of the ways to name one, such as file, env, exec and secret.',
    'Keep one of them.',
  ),
  SCH035: page('A value is not base64.', 'Line breaks of another alphabet, or clear text in data.', 'base64 -w0 FILE, or stringData.'),
  CFG001: page(
    'A file of a Config or Secret cannot be read.',
    'The path or pattern names nothing, or something outside.',
    'Correct the path.',
  ),
  CFG002: page('A Config or Secret is too large.', 'It is kept with every revision.', 'Put large data into a Volume or an image.'),
  SEC005: page('A value is no age text.', 'encrypted takes armoured age texts only.', 'age --armor, or move it to stringData.'),
  SEC006: page(
    'A preview does not know what a program would say.',
    'diff and dry runs run no programs; the value that holds now stands for it. A warning.',
    'tsdock apply runs it.',
  ),
  PRB001: page(
    'It is not clear what a probe asks.',
    'None or several of exec, httpGet, tcpSocket and grpc, or a readinessProbe beside a healthcheck.',
    'Keep one.',
  ),
  PRB002: page(
    'A probe names a port that the container does not have.',
    'Names are those of its TCP ports.',
    'Name it in ports, or write the number.',
  ),
  PRB003: page('A time of a probe is not possible.', 'It is too short, or written twice.', 'At least 100ms, in one of the two spellings.'),
  PRB004: page(
    'The test of a healthcheck is malformed.',
    'A list begins with CMD, CMD-SHELL or NONE.',
    '[CMD, program], or the command as a text.',
  ),
  PRB005: page('A probe needs a network.', 'networkMode none has none.', 'Ask inside the container by exec.'),
  PRB006: page('A probe cannot be sent.', 'A path or header with characters that HTTP does not carry.', 'Percent-encode them.'),
  PRT001: page('A port is not possible.', 'Ports are 1 to 65535, and the ends of ranges fit each other.', 'Change it.'),
  PRT002: page(
    'Two containers want one host port.',
    'Both are in the manifests; replicas count too.',
    'Change one; both places are named.',
  ),
  PRT003: page('A port is malformed.', 'Not [ip:][host:]container[/protocol].', '"8080:80", "127.0.0.1:53:53/udp".'),
  PRT004: page('The address of a port is no IPv4 address.', 'A host name, or IPv6, which comes later.', '127.0.0.1, or leave it out.'),
  PRT005: page('Ports need a network of their own.', 'networkMode host or none has none to publish from.', 'Remove ports, or networkMode.'),
  NET002: page('A network has host bits set.', '10.5.0.1/16 is an address, not a network.', 'Take the one the hint names.'),
  NET003: page('An address is outside its subnet.', 'The gateway, range or static address belongs elsewhere.', 'Choose one inside.'),
  NET004: page('A text is no address or network.', 'A missing prefix length, or another notation.', '10.5.0.10, or 10.5.0.0/24.'),
  NET005: page('A subnet is too small.', 'It has no room for gateway and one container.', 'At least /30.'),
  NET006: page(
    'Parts of a network do not fit each other.',
    'A block larger than its pool, or a gateway without subnet.',
    'Give the subnet too, or leave both out.',
  ),
  NET007: page('An mtu is not possible.', 'IPv4 needs 576 at least.', 'auto, or 576 to 65535.'),
  NET008: page(
    'A field needs another networkMode.',
    'host and none have no networks, and host has the names of the host.',
    'Remove one of the two fields.',
  ),
  NET009: page(
    'One address cannot belong to several replicas.',
    'A static address and replicas above 1.',
    'Leave the address out; names lead to all replicas.',
  ),
  VOL002: page('A mount is malformed.', 'Not source:target[:ro], or no source, or two.', '"data:/var/lib/data".'),
  VOL003: page('A target is mounted twice, or may not be.', '/, /proc and /sys are the engine’s.', 'Choose another target.'),
  VOL004: page('A subPath leads outside.', 'It is absolute or has "..".', 'A path below what is mounted.'),
  VOL005: page(
    'A volume’s fields contradict each other.',
    'A field that its driver does not have, or a path that is not absolute.',
    'tsdock explain volume.',
  ),
  VOL006: page('A mount option is unknown.', 'Only ro and rw exist.', 'ro or rw.'),
  VOL007: page('driver and hostPath do not fit.', 'bind needs one, the others have none.', 'Add hostPath, or driver: bind.'),
  VOL008: page(
    'A field has no meaning for this kind of mount.',
    'size belongs to tmpfs, create to hostPath, and so on.',
    'Remove it; the hint says where it belongs.',
  ),
  RES001: page('A quantity is malformed.', 'A missing or unknown unit.', '256Mi, 1.5G, 500m.'),
  RES002: page('A limit is too small.', 'Nothing could start with it.', 'At least what the message names.'),
  RES003: page('A limit is above what the host has.', 'More processors than there are.', 'It has no effect; lower or remove it.'),
  RES004: page(
    'This host cannot limit that.',
    'The cgroup controller is missing or not delegated.',
    'tsdock info; enable it, or remove the field.',
  ),
  REG005: page(
    'A registry’s name is malformed.',
    'It is a URL, or no host with an optional port.',
    'registry.example, or registry.example:5000.',
  ),
  REG006: page('A registry is insecure and has certificates.', 'Plain HTTP is protected by none.', 'Remove insecure, or ca.'),
  SIG001: page(
    'A public key cannot be read.',
    'The file is not there, or the text is no public key in PEM form that cosign could use (ECDSA, RSA from 2048 bits, Ed25519).',
    'Give the text of cosign.pub, or its path beside the manifest.',
  ),
  SIG002: page(
    'A rule about signatures has no meaning.',
    'It names no key, a prefix that no repository can have, or one prefix twice.',
    'Mend the place the message names.',
  ),
  REG007: page('Two Registry objects are about one host.', 'Which one counts would be a guess.', 'Keep one; both places are named.'),
  LCK001: page(
    'The lock file cannot be read.',
    'It was edited by hand, or holds conflict markers.',
    'Mend it, or write it anew with tsdock image update.',
  ),
  REF001: page(
    'A reference leads to nothing.',
    'A misspelt name, another namespace, or an object of a file that is not in the input.',
    'Add it, or write namespace/name.',
  ),
  REF002: page('Dependencies go round.', 'Each waits for the next.', 'Remove one; every place on the way is named.'),
  REF003: page('A reference is malformed.', 'Not a name, or namespace/name.', 'Change it.'),
  REF004: page(
    'A Config or Secret has no such key.',
    'A misspelling, or a key whose content is no text.',
    'The hint names the keys it has.',
  ),
  SEC001: page(
    'A secret seems to stand in plain text.',
    'The name of the variable sounds like one. A warning.',
    'Keep it out of files that others read.',
  ),
  SEC002: page('Security fields contradict each other.', 'privileged has everything already. A warning.', 'Remove one.'),
  SEC003: page(
    'A container gets the socket of the engine.',
    'Whoever can write to it is root on the host. A warning.',
    'Only for programs you trust like root.',
  ),
  SEC004: page('A sysctl does not belong to a container.', 'It would change the whole host.', 'Set it on the host.'),
  VAR001: page(
    'A declared variable has no value.',
    'Neither --var nor a file gives one, and there is no default.',
    '--var NAME=value, or a default behind ":-".',
  ),
  VAR002: page(
    'A text looks like a variable that is not declared.',
    'Only declared names are replaced; the text stays as it is. A warning.',
    '--var NAME=value, if it is meant.',
  ),
} as const satisfies Record<string, CodePage>;

/** By code, upper case. */
export const codePages: Readonly<Record<string, CodePage>> = { ...diagnosed, ...thrown };
