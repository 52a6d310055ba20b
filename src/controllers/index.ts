import type { Logger } from '../model/log.ts';
import type { Instant } from '../model/resource.ts';
import type { Native } from '../native/index.ts';
import type { NetworkFunctions } from '../reconciler/plan.ts';
import { createConfigController } from './config/controller.ts';
import { createMemory, isInMemory } from './config/memory.ts';
import { createSealer, type Sealer } from './config/seal.ts';
import { createSecretController } from './config/secret-controller.ts';
import { createContainerController } from './container/controller.ts';
import { readLogs } from './container/logs.ts';
import { createProber } from './container/probes/create.ts';
import type { Prober } from './container/probes/prober.ts';
import type { Controllers } from './controller.ts';
import { createImages, type ImageOptions, type Images } from './image/controller.ts';
import { allocate, defaultPools } from './network/allocate.ts';
import { createNetworkController } from './network/controller.ts';
import { endpointsFor } from './network/firewall.ts';
import { namesByNetwork } from './network/names.ts';
import { together } from './together.ts';
import { createVolumeController } from './volume/controller.ts';

export interface ControllerOptions {
  readonly native: Native;
  readonly stateDir: string;
  readonly runDir: string;
  /** Mark of this engine on everything the host shows. */
  readonly prefix: string;
  readonly log: Logger;
  readonly now: () => Instant;
  readonly random: () => number;
  /** CIDRs for networks without a subnet; a built-in choice when absent. */
  readonly pools?: readonly string[];
  readonly image?: Omit<ImageOptions, 'stateDir' | 'layers' | 'log' | 'now' | 'random'>;
  /** Where procfs is mounted; `/proc`. */
  readonly procDir?: string;
  /** Where clear secrets lie when the run directory is not in memory; `/dev/shm`. */
  readonly sharedMemory?: string;
  /** The host's resolv.conf; `/etc/resolv.conf`. */
  readonly resolvPath?: string;
}

/** The kinds of this milestone wired together: what `Engine.open` takes beside the graph builder. */
export interface WiredControllers {
  readonly controllers: Controllers;
  readonly network: NetworkFunctions;
  readonly images: Images;
  readonly sealer: Sealer;
  readonly probes: Prober;
  readonly readLogs: (options: Parameters<typeof readLogs>[1]) => ReturnType<typeof readLogs>;
}

export function createControllers(options: ControllerOptions): WiredControllers {
  const { native, stateDir, runDir, prefix, log, now, random, procDir, resolvPath, sharedMemory } = options;
  const sealer = createSealer({ stateDir });
  const images = createImages({
    secretOf: (key) => sealer.readSecret(key),
    ...options.image,
    stateDir,
    layers: native.layers,
    log,
    now,
    random,
  });
  const pools = options.pools ?? defaultPools;
  const memory = createMemory({ runDir, prefix, ...(sharedMemory === undefined ? {} : { shared: sharedMemory }) });
  // Containers and their networks are looked at together, and see the same.
  const net = { ...native.net, dump: together(() => native.net.dump()) };
  const networked = { ...native, net };
  const probes = createProber({ containers: native.containers, stateDir, runDir, prefix, log, now, random });
  return {
    controllers: {
      Image: images.controller,
      Network: createNetworkController({ native: networked, runDir, prefix, log }),
      Volume: createVolumeController({ native, stateDir, runDir, log }),
      Config: createConfigController({ native, runDir, log }),
      Secret: createSecretController({ native, stateDir, memory, sealer }),
      Container: createContainerController({
        ...{ native: networked, prober: probes, stateDir, runDir, prefix, log },
        secrets: { open: (value) => sealer.open(value), isInMemory: () => isInMemory(runDir) },
        ...(procDir === undefined ? {} : { procDir }),
        ...(resolvPath === undefined ? {} : { resolvPath }),
      }),
    },
    network: {
      allocate: (desired, records, observed) => allocate(desired, records, observed, { prefix, pools }),
      endpointsFor,
      namesByNetwork,
    },
    images,
    sealer,
    probes,
    readLogs: (wanted) => readLogs(stateDir, wanted),
  };
}
