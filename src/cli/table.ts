/** Every command. Only this table is loaded before the command line is understood; bodies come with `load`. */
import type { CommandModule, CommandSpec, OptionSpec } from './command.ts';

const files: OptionSpec = { flags: '-f, --filename <path>', description: 'manifest, directory, or - for stdin', several: true };
const recipients: OptionSpec = {
  flags: '--recipients <age1…>',
  description: 'who can read it: recipients, or files of them (this host)',
  several: true,
};
const set: OptionSpec = { flags: '--set <name>', description: 'set that owns the objects (cli:<namespace>)' };
const variables: readonly OptionSpec[] = [
  { flags: '--var <name=value>', description: 'declares a variable of the manifests', several: true },
  { flags: '--var-file <file>', description: 'YAML map, or NAME=value lines', several: true },
];
const prune: OptionSpec = { flags: '--prune', description: 'remove objects of the set that the input no longer has' };
const waiting: readonly OptionSpec[] = [{ flags: '--no-wait', description: 'return as soon as the request is accepted' }];
const selector: OptionSpec = { flags: '-l, --selector <labels>', description: 'app=web, app!=web, app, !app' };
const allNamespaces: OptionSpec = { flags: '-A, --all-namespaces', description: 'of every namespace' };
const watching: OptionSpec = { flags: '-w, --watch', description: 'go on: live rows on a terminal, a line a change elsewhere' };
const sort: OptionSpec = { flags: '--sort <path>', description: 'by a field, such as metadata.createdAt; -field turns the order' };
const listing = [selector, allNamespaces, watching, sort];
const ignoreMissing: OptionSpec = { flags: '--ignore-missing', description: 'what is not there is no error' };

export const commandTable: readonly CommandSpec[] = [
  {
    name: 'apply',
    args: '',
    summary: 'make the host match manifests',
    options: [
      files,
      prune,
      set,
      ...variables,
      ...waiting,
      { flags: '--lock', description: 'write to tsdock.lock what tags stand for, as far as it does not say' },
      { flags: '--dry-run', description: 'show what would change, exit 2 if anything' },
      { flags: '--take-ownership', description: 'take objects over from another set' },
      { flags: '--max-delete <share>', description: 'how much of a set one apply may remove (30%)' },
      { flags: '--force', description: 'also what is protected' },
    ],
    load: () => import('./commands/apply.ts'),
  },
  {
    name: 'diff',
    args: '',
    summary: 'show what apply would change; exit 2 if anything',
    options: [files, prune, set, ...variables, { flags: '--exit-zero', description: 'exit 0 also when something would change' }],
    load: () => import('./commands/diff.ts'),
  },
  {
    name: 'delete',
    args: '[kind/name...]',
    summary: 'remove objects',
    options: [
      files,
      ...variables,
      ...waiting,
      { flags: '--all', description: 'everything (of the namespace, with -n)' },
      { flags: '--cascade', description: 'also what uses them' },
      { flags: '--keep-volumes', description: 'data of volumes stays (so it does with -f and --all)' },
      { flags: '--allow-data-loss', description: 'data of volumes goes with them' },
      { flags: '--force', description: 'also what is protected' },
      ignoreMissing,
    ],
    load: () => import('./commands/delete.ts'),
  },
  {
    name: 'get',
    args: '<kind> [name]',
    summary: 'show objects of a kind',
    options: listing,
    load: () => import('./commands/get.ts'),
  },
  { name: 'ps', args: '', summary: 'show instances', options: listing, load: () => import('./commands/ps.ts') },
  {
    name: 'stats',
    alias: 'top',
    args: '[name...]',
    summary: 'what instances use: CPU, memory, processes',
    options: [
      allNamespaces,
      watching,
      { flags: '--sort <path>', description: 'by a field, such as -cpuPercent or -memoryBytes; - turns the order' },
    ],
    load: () => import('./commands/stats.ts'),
  },
  {
    name: 'describe',
    args: '<kind/name>',
    summary: 'show everything about one object',
    options: [{ flags: '--events <count>', description: 'how many events (20)' }],
    load: () => import('./commands/describe.ts'),
  },
  {
    name: 'why',
    args: '<kind/name>',
    summary: 'why an object is as it is, and what ends it',
    options: [{ flags: '--depth <links>', description: 'how far down the causes are shown (all)' }],
    load: () => import('./commands/why.ts'),
  },
  {
    name: 'status',
    args: '',
    summary: 'show sets, their files and what is held',
    options: [watching],
    load: () => import('./commands/status.ts'),
  },
  {
    name: 'prune',
    args: '<set>',
    summary: 'let a held prune pass',
    options: [{ flags: '--confirm', description: 'yes, remove them' }],
    load: () => import('./commands/prune.ts'),
  },
  {
    name: 'logs',
    args: '<name...>',
    summary: 'show what containers printed',
    options: [
      { flags: '-f, --follow', description: 'go on with new lines' },
      { flags: '--tail <lines>', description: 'only the last so many, or all' },
      { flags: '--since <time>', description: '10m, or 2026-03-01T12:00:00Z' },
      { flags: '--previous', description: 'the incarnation before the present one' },
      { flags: '-t, --timestamps', description: 'with the time of each line' },
      { flags: '--json', description: 'one JSON object a line' },
      { flags: '--no-prefix', description: 'without the instance before each line' },
      { flags: '--raw', description: 'control characters as they are' },
    ],
    load: () => import('./commands/logs.ts'),
  },
  {
    name: 'events',
    args: '',
    summary: 'show what happened',
    options: [
      { flags: '-w, --watch', description: 'go on with new events' },
      { flags: '--since <time>', description: '10m, or 2026-03-01T12:00:00Z' },
      { flags: '--for <kind/name>', description: 'only about this object' },
      { flags: '--type <type>', description: 'Normal, Warning, or a reason such as Pulled', several: true },
    ],
    load: () => import('./commands/events.ts'),
  },
  {
    name: 'exec',
    args: '<name> <command...>',
    summary: 'run a command in an instance',
    options: [
      { flags: '-i, --stdin', description: 'pass stdin on' },
      { flags: '-t, --tty', description: 'with a terminal' },
      { flags: '-u, --user <user>', description: 'uid[:gid] or names of the image' },
      { flags: '-w, --workdir <path>', description: 'working directory' },
      { flags: '-e, --env <name=value>', description: 'variable', several: true },
    ],
    passThrough: true,
    endsItself: true,
    load: () => import('./commands/exec.ts'),
  },
  { name: 'stop', args: '<name...>', summary: 'stop containers until started', options: waiting, load: () => import('./commands/stop.ts') },
  { name: 'start', args: '<name...>', summary: 'start stopped containers', options: waiting, load: () => import('./commands/start.ts') },
  { name: 'restart', args: '<name...>', summary: 'restart containers', options: waiting, load: () => import('./commands/restart.ts') },
  { name: 'image ls', args: '', summary: 'show images of this host', options: [], load: () => import('./commands/image-ls.ts') },
  {
    name: 'image pull',
    args: '<reference...>',
    summary: 'pull images again',
    options: [],
    load: () => import('./commands/image-pull.ts'),
  },
  {
    name: 'image rm',
    args: '<reference...>',
    summary: 'remove images that nothing uses',
    options: [ignoreMissing],
    load: () => import('./commands/image-rm.ts'),
  },
  {
    name: 'image inspect',
    args: '<reference>',
    summary: 'everything about an image, and what its registry has about it',
    options: [],
    load: () => import('./commands/image-inspect.ts'),
  },
  {
    name: 'image outdated',
    args: '[reference...]',
    summary: 'show tags that moved and newer versions',
    options: [files, ...variables],
    load: () => import('./commands/image-outdated.ts'),
  },
  {
    name: 'image update',
    args: '[reference...]',
    summary: 'move tsdock.lock to what tags stand for now',
    options: [files, ...variables, { flags: '--dry-run', description: 'only show what would move' }],
    load: () => import('./commands/image-update.ts'),
  },
  {
    name: 'image history',
    args: '<reference>',
    summary: 'show how an image was made, newest step first',
    options: [],
    load: () => import('./commands/image-history.ts'),
  },
  {
    name: 'image tag',
    args: '<reference> <name>',
    summary: 'give an image one more name',
    options: [{ flags: '--replace', description: 'also when the name stands for another image' }],
    load: () => import('./commands/image-tag.ts'),
  },
  {
    name: 'image prune',
    args: '',
    summary: 'remove images that nothing uses, and content of none',
    options: [
      { flags: '--older-than <duration>', description: 'only what came that long ago or earlier, 24h for example' },
      { flags: '--dry-run', description: 'only show what would go' },
    ],
    load: () => import('./commands/image-prune.ts'),
  },
  {
    name: 'image save',
    args: '<reference...>',
    summary: 'write images to an archive or OCI layout',
    options: [
      { flags: '--to <path>', description: 'file, or directory for --format oci-dir; - (default): standard output' },
      { flags: '--format <format>', description: 'oci-archive (default), oci-dir or docker-archive' },
    ],
    load: () => import('./commands/image-save.ts'),
  },
  {
    name: 'image load',
    args: '<path>',
    summary: 'bring images of an archive or OCI layout; -: standard input',
    options: [
      { flags: '--as <name>', description: 'name of the only image' },
      { flags: '--replace', description: 'take over names that stand for other images' },
    ],
    load: () => import('./commands/image-load.ts'),
  },
  {
    name: 'image verify',
    args: '[reference...]',
    summary: 'check blobs and layers of images, and repair what is damaged',
    options: [{ flags: '--dry-run', description: 'only show what is damaged' }],
    load: () => import('./commands/image-verify.ts'),
  },
  {
    name: 'image serve',
    args: '<directory>',
    summary: 'serve an OCI layout as a read-only registry',
    options: [
      { flags: '--repository <name>', description: 'name of the repository (base name of the directory)' },
      { flags: '--host <address>', description: 'address to listen on (127.0.0.1)' },
      { flags: '--port <port>', description: 'port to listen on (0: any)' },
    ],
    load: () => import('./commands/image-serve.ts'),
  },
  {
    name: 'secret keygen',
    args: '',
    summary: 'make a key for this host and print what others encrypt for',
    options: [],
    load: () => import('./commands/secret-keygen.ts'),
  },
  {
    name: 'secret seal',
    args: '[name...]',
    summary: 'encrypt the clear values of Secrets in manifests, where they are written',
    options: [files, recipients],
    load: () => import('./commands/secret-seal.ts'),
  },
  {
    name: 'secret set',
    args: '<name> <key>',
    summary: 'encrypt a value into a manifest; it comes from a pipe or is typed unseen',
    options: [files, recipients],
    load: () => import('./commands/secret-set.ts'),
  },
  {
    name: 'secret edit',
    args: '<name>',
    summary: 'open the encrypted values of a Secret in $VISUAL or $EDITOR',
    options: [files, recipients],
    endsItself: true,
    load: () => import('./commands/secret-edit.ts'),
  },
  {
    name: 'secret reseal',
    args: '[name...]',
    summary: 'encrypt values again, for other recipients',
    options: [files, recipients],
    load: () => import('./commands/secret-reseal.ts'),
  },
  {
    name: 'secret show',
    args: '<name> <key>',
    summary: 'print an encrypted value of a manifest in clear',
    options: [files],
    load: () => import('./commands/secret-show.ts'),
  },
  {
    name: 'gc',
    args: '',
    summary: 'remove images that nothing uses until the disk has space again',
    options: [{ flags: '--dry-run', description: 'only show what would go' }],
    load: () => import('./commands/gc.ts'),
  },
  {
    name: 'df',
    args: '',
    summary: 'show what lies on the disk of the state directory',
    options: [],
    load: () => import('./commands/df.ts'),
  },
  {
    name: 'volume ls',
    args: '',
    summary: 'show volumes, as get volume',
    options: listing,
    load: () => listOfKind('volume'),
  },
  {
    name: 'network ls',
    args: '',
    summary: 'show networks, as get network',
    options: listing,
    load: () => listOfKind('network'),
  },
  {
    name: 'lint',
    alias: 'validate',
    args: '[path...]',
    summary: 'check manifests, offline',
    options: [files, ...variables],
    load: () => import('./commands/validate.ts'),
  },
  {
    name: 'explain',
    args: '<kind[.field]|code>',
    summary: 'document a kind, a field or an error code',
    options: [],
    load: () => import('./commands/explain.ts'),
  },
  { name: 'schema', args: '[kind]', summary: 'print the JSON schema of a kind', options: [], load: () => import('./commands/schema.ts') },
  { name: 'doctor', args: '', summary: 'what this host lacks and what it costs', options: [], load: () => import('./commands/doctor.ts') },
  { name: 'info', args: '', summary: 'engine, directories, host', options: [], load: () => import('./commands/info.ts') },
  { name: 'version', args: '', summary: 'versions', options: [], load: () => import('./commands/version.ts') },
  {
    name: 'daemon',
    args: '',
    summary: 'serve the API, watch directories, repair drift; in the foreground',
    options: [
      { flags: '--watch <directory>', description: 'keep a directory of manifests applied', several: true },
      { flags: '--stop-containers', description: 'stop containers at the end' },
    ],
    endsItself: true,
    load: () => import('./commands/daemon.ts'),
  },
  {
    name: 'install',
    args: '',
    summary: 'write systemd unit, configuration and watched directory',
    options: [
      { flags: '--dry-run', description: 'print what would be written' },
      { flags: '--root <directory>', description: 'below another root, for packages' },
    ],
    load: () => import('./commands/install.ts'),
  },
  {
    name: 'completion',
    args: '<shell>',
    summary: 'print a completion script (bash, zsh, fish)',
    options: [],
    load: () => import('./commands/completion.ts'),
  },
];

/** `get` of one kind under a name of its own. */
async function listOfKind(kind: string): Promise<CommandModule> {
  const { run } = await import('./commands/get.ts');
  return { run: (context, _args, options) => run(context, [kind], options) };
}

/** Flags of every command. */
export const globalOptions: readonly OptionSpec[] = [
  { flags: '-n, --namespace <name>', description: 'namespace (default)' },
  { flags: '-o, --output <format>', description: 'table, wide, json, yaml, name, jsonpath=…, template=…' },
  { flags: '--color <when>', description: 'auto, always, never' },
  { flags: '--progress <form>', description: 'auto, tty, plain, json, none' },
  { flags: '-q, --quiet', description: 'no progress, no notes' },
  { flags: '-v, --verbose', description: 'more on stderr' },
  { flags: '--timeout <duration>', description: 'how long to wait (5m)' },
  { flags: '--lock-timeout <duration>', description: 'how long to wait for another command (30s)' },
  { flags: '--state-dir <path>', description: 'state (/var/lib/tsdock)' },
  { flags: '--run-dir <path>', description: 'sockets (/run/tsdock)' },
  { flags: '--config <file>', description: 'engine config (/etc/tsdock/config.yaml)' },
  { flags: '--context <socket>', description: 'socket of the daemon (<run-dir>/tsdock.sock)' },
];
