// Made by scripts/generate.mjs from schemas/; do not edit.

/** The JSON schema of each kind, as `tsdock schema` prints it. */
export const schemas: Readonly<Record<string, unknown>> = {
 "Container": {
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "Container.json",
  "title": "Container",
  "description": "A main process, times replicas, with a strategy for exchanging the copies.",
  "x-since": "M1",
  "type": "object",
  "required": [
   "apiVersion",
   "kind",
   "metadata",
   "spec"
  ],
  "additionalProperties": false,
  "properties": {
   "apiVersion": {
    "description": "Version of the form.",
    "type": "string",
    "enum": [
     "tsdock/v1"
    ]
   },
   "kind": {
    "description": "Kind of the object.",
    "type": "string",
    "enum": [
     "Container"
    ]
   },
   "metadata": {
    "$ref": "#/$defs/metadata"
   },
   "spec": {
    "$ref": "#/$defs/spec"
   },
   "status": {
    "description": "Written by the engine; ignored on input.",
    "type": "object"
   }
  },
  "$defs": {
   "spec": {
    "title": "ContainerSpec",
    "description": "Fields of a Container.",
    "type": "object",
    "required": [
     "image"
    ],
    "properties": {
     "image": {
      "description": "What to run: tag, digest, or the name of an Image of this namespace. A short name such as nginx:1.29 is completed to docker.io/library/nginx:1.29. Also oci:DIR[:tag], oci-archive:FILE[:tag] and docker-archive:FILE[:tag].",
      "type": "string",
      "x-change": "C",
      "x-since": "M1"
     },
     "imagePullPolicy": {
      "description": "When the registry is asked: only when absent, at each apply, or never.",
      "type": "string",
      "enum": [
       "IfNotPresent",
       "Always",
       "Never"
      ],
      "default": "IfNotPresent",
      "x-change": "I"
     },
     "platform": {
      "description": "Platform of the image, such as linux/arm64.",
      "type": "string",
      "x-default": "the host's",
      "x-change": "C",
      "x-since": "M2"
     },
     "command": {
      "description": "Replaces the ENTRYPOINT of the image. A string is split as a shell does it, but nothing is expanded and no shell runs.",
      "type": [
       "array",
       "string"
      ],
      "items": {
       "type": "string"
      },
      "x-default": "the image's",
      "x-change": "C",
      "x-since": "M1"
     },
     "args": {
      "description": "Replaces the CMD of the image. A string is split as a shell does it, but nothing is expanded and no shell runs.",
      "type": [
       "array",
       "string"
      ],
      "items": {
       "type": "string"
      },
      "x-default": "the image's",
      "x-change": "C",
      "x-since": "M1"
     },
     "workingDir": {
      "description": "Directory the process starts in.",
      "type": "string",
      "x-default": "the image's",
      "x-change": "C",
      "x-since": "M1"
     },
     "hostname": {
      "description": "Host name seen by the process.",
      "type": "string",
      "x-default": "name of the instance",
      "x-change": "C",
      "x-since": "M1"
     },
     "domainname": {
      "description": "Domain name seen by the process.",
      "type": "string",
      "x-default": "none",
      "x-change": "C",
      "x-since": "M1"
     },
     "env": {
      "description": "Environment variables, name to text or to where the value is taken from when an instance is made: {secret, key}, {config, key} or {field}. The list form of Kubernetes is accepted too.",
      "type": [
       "object",
       "array"
      ],
      "default": {},
      "additionalProperties": {
       "type": [
        "string",
        "object"
       ],
       "properties": {
        "secret": {
         "description": "Secret that holds the value. Another value replaces the container.",
         "type": "string",
         "x-change": "C",
         "x-since": "M1",
         "x-canonical": "env"
        },
        "config": {
         "description": "Config that holds the value. Another value replaces the container.",
         "type": "string",
         "x-change": "C",
         "x-since": "M1",
         "x-canonical": "env"
        },
        "field": {
         "description": "Field of the instance: metadata.name (as ps prints it), metadata.namespace, metadata.uid, or status.address.",
         "type": "string",
         "x-change": "C",
         "x-since": "M1",
         "x-canonical": "env"
        },
        "key": {
         "description": "Key in the Secret or Config.",
         "type": "string",
         "x-change": "C",
         "x-since": "M1",
         "x-canonical": "env"
        },
        "optional": {
         "description": "Without the object or the key the variable is left out; else the container waits.",
         "type": "boolean",
         "default": false,
         "x-change": "C",
         "x-since": "M1",
         "x-canonical": "env"
        }
       },
       "additionalProperties": false
      },
      "items": {
       "type": "object",
       "required": [
        "name"
       ],
       "additionalProperties": false,
       "properties": {
        "name": {
         "type": "string",
         "description": "Name of the variable."
        },
        "value": {
         "type": "string",
         "description": "Its text.",
         "default": ""
        },
        "valueFrom": {
         "description": "Value from elsewhere, as Kubernetes writes it: one of secretKeyRef, configMapKeyRef, fieldRef.",
         "type": "object",
         "additionalProperties": false,
         "properties": {
          "secretKeyRef": {
           "description": "Key of a Secret.",
           "type": "object",
           "required": [
            "name",
            "key"
           ],
           "additionalProperties": false,
           "properties": {
            "name": {
             "description": "Name of the object.",
             "type": "string"
            },
            "key": {
             "description": "Its key.",
             "type": "string"
            },
            "optional": {
             "description": "Left out when missing.",
             "type": "boolean",
             "default": false
            }
           }
          },
          "configMapKeyRef": {
           "description": "Key of a Config.",
           "type": "object",
           "required": [
            "name",
            "key"
           ],
           "additionalProperties": false,
           "properties": {
            "name": {
             "description": "Name of the object.",
             "type": "string"
            },
            "key": {
             "description": "Its key.",
             "type": "string"
            },
            "optional": {
             "description": "Left out when missing.",
             "type": "boolean",
             "default": false
            }
           }
          },
          "fieldRef": {
           "description": "Field of the instance.",
           "type": "object",
           "required": [
            "fieldPath"
           ],
           "additionalProperties": false,
           "properties": {
            "fieldPath": {
             "description": "Its path.",
             "type": "string"
            }
           }
          }
         }
        }
       }
      },
      "x-change": "C",
      "x-since": "M1"
     },
     "envFrom": {
      "description": "Takes all keys of Configs and Secrets as variables; a later source overrides an earlier one, env overrides all.",
      "type": "array",
      "default": [],
      "items": {
       "type": "object",
       "properties": {
        "config": {
         "description": "Config.",
         "type": "string",
         "x-change": "C",
         "x-since": "M1",
         "x-canonical": "envFrom[].source"
        },
        "secret": {
         "description": "Secret.",
         "type": "string",
         "x-change": "C",
         "x-since": "M1",
         "x-canonical": "envFrom[].source"
        },
        "prefix": {
         "description": "Put before each name.",
         "type": "string",
         "default": "",
         "x-change": "C",
         "x-since": "M1",
         "x-canonical": "envFrom[].prefix"
        },
        "optional": {
         "description": "Without the object there are no variables of it; else the container waits.",
         "type": "boolean",
         "default": false,
         "x-change": "C",
         "x-since": "M1",
         "x-canonical": "envFrom[].optional"
        }
       },
       "additionalProperties": false
      },
      "x-change": "C",
      "x-since": "M1"
     },
     "user": {
      "description": "User of the process: uid[:gid], or names of the image.",
      "type": [
       "string",
       "integer"
      ],
      "x-default": "the image's",
      "x-change": "C",
      "x-since": "M1"
     },
     "groups": {
      "description": "Further groups, numbers or names of the image.",
      "type": "array",
      "default": [],
      "items": {
       "type": [
        "string",
        "integer"
       ]
      },
      "x-change": "C",
      "x-since": "M1"
     },
     "tty": {
      "description": "Gives the process a terminal.",
      "type": "boolean",
      "default": false,
      "x-change": "C",
      "x-since": "M1"
     },
     "stdin": {
      "description": "Keeps standard input open.",
      "type": "boolean",
      "default": false,
      "x-change": "C",
      "x-since": "M1"
     },
     "init": {
      "description": "Runs a small init as process 1 that reaps orphans and passes signals on.",
      "type": "boolean",
      "default": true,
      "x-change": "C",
      "x-since": "M1"
     },
     "ports": {
      "description": "Ports to name and publish: \"8080:80\", \"127.0.0.1:5432:5432/tcp\", \"6000-6100:6000-6100/udp\", 80 (named only), or the long form.",
      "type": "array",
      "default": [],
      "items": {
       "type": [
        "object",
        "string",
        "integer"
       ],
       "required": [
        "containerPort"
       ],
       "additionalProperties": false,
       "properties": {
        "name": {
         "description": "Name that probes can use instead of the number.",
         "type": "string",
         "x-default": "none",
         "x-change": "I",
         "x-since": "M1"
        },
        "containerPort": {
         "description": "Port inside the container.",
         "type": "integer",
         "x-change": "I",
         "x-since": "M1"
        },
        "hostPort": {
         "description": "Port on the host; without it the port is named, but not published.",
         "type": "integer",
         "x-default": "none",
         "x-change": "I",
         "x-since": "M1"
        },
        "hostIP": {
         "description": "Address of the host that is published.",
         "type": "string",
         "x-default": "every address",
         "x-change": "I",
         "x-since": "M1"
        },
        "protocol": {
         "description": "TCP or UDP.",
         "type": "string",
         "enum": [
          "TCP",
          "UDP",
          "tcp",
          "udp"
         ],
         "default": "TCP",
         "x-change": "I",
         "x-since": "M1"
        },
        "exposure": {
         "description": "Who may connect: this host, private networks, or everybody.",
         "type": "string",
         "enum": [
          "host",
          "lan",
          "world"
         ],
         "default": "world",
         "x-change": "I",
         "x-since": "M2"
        }
       }
      },
      "x-change": "I",
      "x-since": "M1"
     },
     "networks": {
      "description": "Network it joins, as a list of references or a map from reference to settings. Another one replaces the container; joining in place comes with M2.",
      "type": [
       "array",
       "object"
      ],
      "default": [
       "default"
      ],
      "items": {
       "type": "string"
      },
      "additionalProperties": {
       "type": [
        "object",
        "null"
       ],
       "additionalProperties": false,
       "properties": {
        "ipv4": {
         "description": "Static address inside the subnet.",
         "type": "string",
         "x-default": "leased, and kept by the name",
         "x-change": "C",
         "x-since": "M1",
         "x-canonical": "networks[].ipv4"
        },
        "ipv6": {
         "description": "Static IPv6 address.",
         "type": "string",
         "x-change": "N",
         "x-since": "M2"
        },
        "mac": {
         "description": "Static MAC address.",
         "type": "string",
         "x-change": "N",
         "x-since": "M2"
        },
        "aliases": {
         "description": "Further names in this network.",
         "type": "array",
         "default": [],
         "items": {
          "type": "string"
         },
         "x-change": "I",
         "x-since": "M1",
         "x-canonical": "networks[].aliases"
        },
        "interface": {
         "description": "Name of the interface.",
         "type": "string",
         "x-change": "C",
         "x-since": "M2"
        },
        "priority": {
         "description": "Highest gives the default route.",
         "type": "integer",
         "x-change": "N",
         "x-since": "M2"
        }
       }
      },
      "x-change": "C",
      "x-since": "M1",
      "x-canonical": "networks[].network"
     },
     "networkMode": {
      "description": "bridge: own network namespace; host: the network of the host; none: loopback only.",
      "type": "string",
      "enum": [
       "bridge",
       "host",
       "none"
      ],
      "default": "bridge",
      "x-change": "C",
      "x-since": "M1",
      "x-since-values": {
       "container:": "M2"
      }
     },
     "hostAliases": {
      "description": "Further lines of /etc/hosts, host name to address. Needs networkMode bridge or none.",
      "type": "object",
      "additionalProperties": {
       "type": "string"
      },
      "x-change": "I",
      "x-since": "M1"
     },
     "dns": {
      "description": "How names are resolved that are not of its network. Needs networkMode bridge.",
      "type": "object",
      "properties": {
       "servers": {
        "description": "Servers asked for names that the networks of the container do not know, instead of those of its network or of the host; at most three addresses.",
        "type": "array",
        "items": {
         "type": "string"
        },
        "x-change": "I",
        "x-since": "M1"
       },
       "searches": {
        "description": "Domains tried after the namespace, instead of those of the host.",
        "type": "array",
        "items": {
         "type": "string"
        },
        "x-change": "I",
        "x-since": "M1"
       },
       "options": {
        "description": "Options of resolv.conf, e.g. ndots:2.",
        "type": "array",
        "items": {
         "type": "string"
        },
        "x-change": "I",
        "x-since": "M1"
       }
      },
      "additionalProperties": false,
      "x-change": "I",
      "x-since": "M1"
     },
     "mounts": {
      "description": "Files and directories: \"data:/var/lib/x[:ro]\" (a Volume), \"./site.conf:/etc/site.conf:ro\" (a path of the host, relative to the manifest), or the long form with exactly one of volume, config, secret, hostPath, tmpfs, image.",
      "type": "array",
      "default": [],
      "items": {
       "type": [
        "object",
        "string"
       ],
       "required": [
        "path"
       ],
       "additionalProperties": false,
       "properties": {
        "volume": {
         "description": "Volume to mount.",
         "type": "string",
         "x-change": "C",
         "x-since": "M1"
        },
        "config": {
         "description": "Config to mount: a directory with one file a key, or with subPath one file.",
         "type": "string",
         "x-change": "C",
         "x-since": "M1"
        },
        "secret": {
         "description": "Secret to mount: a directory with one file a key, or with subPath one file. The files lie in memory.",
         "type": "string",
         "x-change": "C"
        },
        "hostPath": {
         "description": "File or directory of the host; relative to the manifest.",
         "type": "string",
         "x-change": "C",
         "x-since": "M1",
         "x-canonical": "mounts[].source"
        },
        "tmpfs": {
         "description": "An empty directory in memory, gone with the instance.",
         "type": [
          "object",
          "null"
         ],
         "additionalProperties": false,
         "properties": {
          "size": {
           "description": "Limit of its size.",
           "type": [
            "string",
            "number"
           ],
           "x-type": "quantity",
           "x-default": "half of the memory",
           "x-change": "C",
           "x-since": "M1",
           "x-canonical": "mounts[].sizeBytes"
          },
          "mode": {
           "description": "Mode of the directory, in quotes: \"1777\".",
           "type": [
            "string",
            "integer"
           ],
           "default": "1777",
           "x-change": "C",
           "x-since": "M1",
           "x-canonical": "mounts[].mode"
          }
         },
         "x-change": "C",
         "x-since": "M1",
         "x-canonical": "mounts[].type"
        },
        "image": {
         "description": "Image whose files are mounted.",
         "type": "string",
         "x-change": "C",
         "x-since": "M4"
        },
        "path": {
         "description": "Absolute path in the container; not /, /proc, /sys or below the latter two.",
         "type": "string",
         "x-change": "C",
         "x-since": "M1",
         "x-canonical": "mounts[].target"
        },
        "subPath": {
         "description": "Only this file or directory of it.",
         "type": "string",
         "x-default": "all of it",
         "x-change": "C",
         "x-since": "M1"
        },
        "readOnly": {
         "description": "Mounts it read-only. A Config and a Secret always are.",
         "type": "boolean",
         "default": false,
         "x-change": "C",
         "x-since": "M1"
        },
        "size": {
         "description": "Limit of the size of a tmpfs.",
         "type": [
          "string",
          "number"
         ],
         "x-type": "quantity",
         "x-default": "half of the memory",
         "x-change": "C",
         "x-since": "M1",
         "x-canonical": "mounts[].sizeBytes"
        },
        "mode": {
         "description": "Mode of the directory of a tmpfs, or of the files of a Config or Secret, in quotes: \"0440\".",
         "type": [
          "string",
          "integer"
         ],
         "x-change": "C",
         "x-since": "M1",
         "x-canonical": "mounts[].mode",
         "x-default": "1777, 0444 for a Config, 0400 for a Secret"
        },
        "create": {
         "description": "Makes a missing hostPath as a directory. Otherwise it is an error.",
         "type": "boolean",
         "default": false,
         "x-change": "C",
         "x-since": "M1"
        },
        "uid": {
         "description": "Owner of the files of a Config or Secret.",
         "type": "integer",
         "x-change": "C",
         "x-canonical": "mounts[].files.uid",
         "x-default": "0"
        },
        "gid": {
         "description": "Group of the files of a Config or Secret.",
         "type": "integer",
         "x-change": "C",
         "x-canonical": "mounts[].files.gid",
         "x-default": "0"
        },
        "onChange": {
         "description": "What happens when the mounted content changes: none, restart, {signal: SIGHUP} or {exec: [...]}. A hostPath file is watched only when this is set.",
         "type": [
          "string",
          "object"
         ],
         "x-default": "restart for config and secret",
         "properties": {
          "signal": {
           "type": "string"
          },
          "exec": {
           "type": "array",
           "items": {
            "type": "string"
           }
          }
         },
         "additionalProperties": false,
         "x-change": "I",
         "x-since": "M2"
        }
       }
      },
      "x-change": "C",
      "x-since": "M1"
     },
     "resources": {
      "description": "Limits and guarantees, changed in place.",
      "type": "object",
      "properties": {
       "limits": {
        "description": "What it may use at most.",
        "type": "object",
        "properties": {
         "cpu": {
          "description": "Processor time: 2, 0.5 or 500m.",
          "type": [
           "string",
           "number"
          ],
          "x-type": "quantity",
          "x-default": "none",
          "x-change": "I",
          "x-since": "M1",
          "x-canonical": "limits.cpuMillis"
         },
         "memory": {
          "description": "Memory: 256Mi (2^20) or 256M (10^6). At least 6Mi.",
          "type": [
           "string",
           "number"
          ],
          "x-type": "quantity",
          "x-default": "none",
          "x-change": "I",
          "x-since": "M1",
          "x-canonical": "limits.memoryBytes"
         },
         "pids": {
          "description": "Number of processes and threads.",
          "type": "integer",
          "x-default": "none",
          "minimum": 1,
          "x-change": "I",
          "x-since": "M1",
          "x-canonical": "limits.pids"
         },
         "swap": {
          "description": "Swap beside the memory.",
          "type": [
           "string",
           "number"
          ],
          "default": 0,
          "x-type": "quantity",
          "x-change": "I",
          "x-since": "M2"
         },
         "cpuset": {
          "description": "Processors it may run on: \"0-3\".",
          "type": "string",
          "x-change": "I",
          "x-since": "M3"
         },
         "io": {
          "description": "Bytes and operations per second a device.",
          "type": "object",
          "x-change": "I",
          "x-since": "M2"
         }
        },
        "additionalProperties": false,
        "x-change": "I",
        "x-since": "M1"
       },
       "requests": {
        "description": "What it gets when the host is busy.",
        "type": "object",
        "properties": {
         "cpu": {
          "description": "Share of the processors (cpu.weight).",
          "type": [
           "string",
           "number"
          ],
          "x-type": "quantity",
          "x-change": "I",
          "x-since": "M2"
         },
         "memory": {
          "description": "Protected memory (memory.low).",
          "type": [
           "string",
           "number"
          ],
          "x-type": "quantity",
          "x-change": "I",
          "x-since": "M2"
         }
        },
        "additionalProperties": false,
        "x-change": "I",
        "x-since": "M2"
       }
      },
      "additionalProperties": false,
      "x-change": "I",
      "x-since": "M1"
     },
     "security": {
      "description": "Set of defaults: baseline (11 capabilities, seccomp, masked /proc) or privileged (everything root may).",
      "type": "string",
      "enum": [
       "baseline",
       "privileged"
      ],
      "default": "baseline",
      "x-change": "C",
      "x-since": "M1",
      "x-since-values": {
       "restricted": "M2"
      }
     },
     "securityContext": {
      "description": "Overrides security field by field.",
      "type": "object",
      "properties": {
       "runAsUser": {
        "description": "Number of the user; wins over user.",
        "type": "integer",
        "minimum": 0,
        "maximum": 4294967294,
        "x-default": "user's",
        "x-change": "C",
        "x-since": "M1"
       },
       "runAsGroup": {
        "description": "Number of the group; wins over user.",
        "type": "integer",
        "minimum": 0,
        "maximum": 4294967294,
        "x-default": "user's",
        "x-change": "C",
        "x-since": "M1"
       },
       "runAsNonRoot": {
        "description": "Refuses to start as user 0.",
        "type": "boolean",
        "default": false,
        "x-change": "C",
        "x-since": "M1"
       },
       "readOnlyRootFilesystem": {
        "description": "Mounts the root file system read-only.",
        "type": "boolean",
        "default": false,
        "x-change": "C",
        "x-since": "M1"
       },
       "privileged": {
        "description": "The same as security: privileged.",
        "type": "boolean",
        "default": false,
        "x-change": "C",
        "x-since": "M1",
        "x-canonical": "security"
       },
       "allowPrivilegeEscalation": {
        "description": "False sets no_new_privs.",
        "type": "boolean",
        "default": true,
        "x-change": "C",
        "x-since": "M1"
       },
       "capabilities": {
        "description": "Changes to the set of capabilities.",
        "type": "object",
        "properties": {
         "add": {
          "description": "Capabilities to add, such as NET_ADMIN, or ALL.",
          "type": "array",
          "default": [],
          "items": {
           "type": "string"
          },
          "x-change": "C",
          "x-since": "M1"
         },
         "drop": {
          "description": "Capabilities to take away, or ALL.",
          "type": "array",
          "default": [],
          "items": {
           "type": "string"
          },
          "x-change": "C",
          "x-since": "M1"
         }
        },
        "additionalProperties": false,
        "x-change": "C",
        "x-since": "M1"
       },
       "seccompProfile": {
        "description": "Filter of system calls.",
        "type": "object",
        "properties": {
         "type": {
          "description": "RuntimeDefault or Unconfined.",
          "type": "string",
          "enum": [
           "RuntimeDefault",
           "Unconfined"
          ],
          "default": "RuntimeDefault",
          "x-change": "C",
          "x-since": "M1",
          "x-canonical": "securityContext.seccomp"
         }
        },
        "additionalProperties": false,
        "x-change": "C",
        "x-since": "M1",
        "x-canonical": "securityContext.seccomp"
       },
       "appArmorProfile": {
        "description": "AppArmor profile.",
        "type": "object",
        "x-change": "C",
        "x-since": "M4"
       },
       "userNamespace": {
        "description": "host or auto.",
        "type": "string",
        "enum": [
         "host",
         "auto"
        ],
        "default": "host",
        "x-change": "C",
        "x-since": "M4"
       },
       "sysctls": {
        "description": "Kernel settings of the container: net.*, kernel.shm*, kernel.msg*, kernel.sem, fs.mqueue.*.",
        "type": "object",
        "default": {},
        "additionalProperties": {
         "type": "string"
        },
        "x-change": "C",
        "x-since": "M1"
       }
      },
      "additionalProperties": false,
      "x-change": "C",
      "x-since": "M1"
     },
     "hostPID": {
      "description": "Sees the processes of the host.",
      "type": "boolean",
      "default": false,
      "x-change": "C",
      "x-since": "M3"
     },
     "hostIPC": {
      "description": "Shares the IPC objects of the host.",
      "type": "boolean",
      "default": false,
      "x-change": "C",
      "x-since": "M3"
     },
     "ulimits": {
      "description": "Limits of the process, name to number or {soft, hard}.",
      "type": "object",
      "x-change": "I",
      "x-since": "M2"
     },
     "oomScoreAdj": {
      "description": "Who is ended first when memory runs out, -1000 to 1000.",
      "type": "integer",
      "default": 0,
      "x-change": "I",
      "x-since": "M2"
     },
     "shmSize": {
      "description": "Size of /dev/shm.",
      "type": [
       "string",
       "number"
      ],
      "default": "64Mi",
      "x-type": "quantity",
      "x-change": "C",
      "x-since": "M1",
      "x-canonical": "shmBytes"
     },
     "devices": {
      "description": "Devices of the host: /dev/x[:path[:rwm]].",
      "type": "array",
      "items": {
       "type": "string"
      },
      "x-change": "C",
      "x-since": "M2"
     },
     "gpus": {
      "description": "CDI names or a count.",
      "type": [
       "string",
       "integer",
       "array"
      ],
      "items": {
       "type": "string"
      },
      "x-change": "C",
      "x-since": "M3"
     },
     "startupProbe": {
      "description": "Holds back the other probes until it succeeds; tried more often at first. One of exec, httpGet, tcpSocket and grpc.",
      "type": "object",
      "properties": {
       "exec": {
        "description": "Command in the container; exit code 0 is success.",
        "type": "array",
        "items": {
         "type": "string"
        },
        "x-change": "I",
        "x-since": "M1",
        "x-canonical": "startupProbe.check.command"
       },
       "httpGet": {
        "description": "HTTP request to the container; 200 to 399 is success. A redirect is not followed, the certificate of HTTPS is not checked.",
        "type": "object",
        "properties": {
         "path": {
          "description": "Path of the request.",
          "type": "string",
          "default": "/",
          "x-change": "I",
          "x-since": "M1",
          "x-canonical": "startupProbe.check.path"
         },
         "port": {
          "description": "Number, or name of one of the ports.",
          "type": [
           "integer",
           "string"
          ],
          "x-change": "I",
          "x-since": "M1",
          "x-canonical": "startupProbe.check.port"
         },
         "scheme": {
          "description": "HTTP or HTTPS.",
          "type": "string",
          "enum": [
           "HTTP",
           "HTTPS"
          ],
          "default": "HTTP",
          "x-change": "I",
          "x-since": "M1",
          "x-canonical": "startupProbe.check.scheme"
         },
         "headers": {
          "description": "Headers of the request.",
          "type": "object",
          "additionalProperties": {
           "type": "string"
          },
          "x-change": "I",
          "x-since": "M1",
          "x-canonical": "startupProbe.check.headers"
         }
        },
        "additionalProperties": false,
        "x-change": "I",
        "x-since": "M1",
        "required": [
         "port"
        ],
        "x-canonical": "startupProbe.check"
       },
       "tcpSocket": {
        "description": "A connection that is accepted is success.",
        "type": "object",
        "properties": {
         "port": {
          "description": "Number, or name of one of the ports.",
          "type": [
           "integer",
           "string"
          ],
          "x-change": "I",
          "x-since": "M1",
          "x-canonical": "startupProbe.check.port"
         }
        },
        "additionalProperties": false,
        "x-change": "I",
        "x-since": "M1",
        "x-canonical": "startupProbe.check",
        "required": [
         "port"
        ]
       },
       "grpc": {
        "description": "Health service of gRPC (grpc.health.v1) without TLS; SERVING is success.",
        "type": "object",
        "properties": {
         "port": {
          "description": "Number, or name of one of the ports.",
          "type": [
           "integer",
           "string"
          ],
          "x-change": "I",
          "x-since": "M1",
          "x-canonical": "startupProbe.check.port"
         },
         "service": {
          "description": "Name asked for; empty: the server as a whole.",
          "type": "string",
          "x-change": "I",
          "x-since": "M1",
          "x-canonical": "startupProbe.check.service",
          "default": ""
         }
        },
        "additionalProperties": false,
        "x-change": "I",
        "x-since": "M1",
        "x-canonical": "startupProbe.check",
        "required": [
         "port"
        ]
       },
       "initialDelaySeconds": {
        "description": "Seconds after the start before the first try.",
        "type": "integer",
        "default": 0,
        "x-change": "I",
        "x-since": "M1",
        "minimum": 0,
        "x-canonical": "startupProbe.initialDelayMs"
       },
       "periodSeconds": {
        "description": "Seconds between tries.",
        "type": "integer",
        "default": 10,
        "x-change": "I",
        "x-since": "M1",
        "minimum": 1,
        "x-canonical": "startupProbe.periodMs"
       },
       "period": {
        "description": "The same as periodSeconds, as a duration.",
        "type": [
         "string",
         "number"
        ],
        "x-type": "duration",
        "x-change": "I",
        "x-since": "M1",
        "x-canonical": "startupProbe.periodMs"
       },
       "timeoutSeconds": {
        "description": "Seconds until a try has failed.",
        "type": "integer",
        "default": 1,
        "x-change": "I",
        "x-since": "M1",
        "minimum": 1,
        "x-canonical": "startupProbe.timeoutMs"
       },
       "timeout": {
        "description": "The same as timeoutSeconds, as a duration.",
        "type": [
         "string",
         "number"
        ],
        "x-type": "duration",
        "x-change": "I",
        "x-since": "M1",
        "x-canonical": "startupProbe.timeoutMs"
       },
       "successThreshold": {
        "description": "Successes in a row until it has started.",
        "type": "integer",
        "default": 1,
        "x-change": "I",
        "x-since": "M1",
        "minimum": 1
       },
       "failureThreshold": {
        "description": "Failures after which the process is ended and restarted by its policy.",
        "type": "integer",
        "default": 3,
        "x-change": "I",
        "x-since": "M1",
        "minimum": 1
       },
       "terminationGracePeriodSeconds": {
        "description": "Time between the stop signal and SIGKILL when this probe ends the process, in seconds or as a duration.",
        "type": [
         "number",
         "string"
        ],
        "x-default": "the container's",
        "x-type": "duration",
        "x-change": "I",
        "x-since": "M1",
        "x-canonical": "startupProbe.graceMs"
       }
      },
      "additionalProperties": false,
      "x-change": "I",
      "x-since": "M1"
     },
     "readinessProbe": {
      "description": "Whether it counts as ready and is preferred for connections; tried more often until the first success. One of exec, httpGet, tcpSocket and grpc.",
      "type": "object",
      "properties": {
       "exec": {
        "description": "Command in the container; exit code 0 is success.",
        "type": "array",
        "items": {
         "type": "string"
        },
        "x-change": "I",
        "x-since": "M1",
        "x-canonical": "readinessProbe.check.command"
       },
       "httpGet": {
        "description": "HTTP request to the container; 200 to 399 is success. A redirect is not followed, the certificate of HTTPS is not checked.",
        "type": "object",
        "properties": {
         "path": {
          "description": "Path of the request.",
          "type": "string",
          "default": "/",
          "x-change": "I",
          "x-since": "M1",
          "x-canonical": "readinessProbe.check.path"
         },
         "port": {
          "description": "Number, or name of one of the ports.",
          "type": [
           "integer",
           "string"
          ],
          "x-change": "I",
          "x-since": "M1",
          "x-canonical": "readinessProbe.check.port"
         },
         "scheme": {
          "description": "HTTP or HTTPS.",
          "type": "string",
          "enum": [
           "HTTP",
           "HTTPS"
          ],
          "default": "HTTP",
          "x-change": "I",
          "x-since": "M1",
          "x-canonical": "readinessProbe.check.scheme"
         },
         "headers": {
          "description": "Headers of the request.",
          "type": "object",
          "additionalProperties": {
           "type": "string"
          },
          "x-change": "I",
          "x-since": "M1",
          "x-canonical": "readinessProbe.check.headers"
         }
        },
        "additionalProperties": false,
        "x-change": "I",
        "x-since": "M1",
        "required": [
         "port"
        ],
        "x-canonical": "readinessProbe.check"
       },
       "tcpSocket": {
        "description": "A connection that is accepted is success.",
        "type": "object",
        "properties": {
         "port": {
          "description": "Number, or name of one of the ports.",
          "type": [
           "integer",
           "string"
          ],
          "x-change": "I",
          "x-since": "M1",
          "x-canonical": "readinessProbe.check.port"
         }
        },
        "additionalProperties": false,
        "x-change": "I",
        "x-since": "M1",
        "x-canonical": "readinessProbe.check",
        "required": [
         "port"
        ]
       },
       "grpc": {
        "description": "Health service of gRPC (grpc.health.v1) without TLS; SERVING is success.",
        "type": "object",
        "properties": {
         "port": {
          "description": "Number, or name of one of the ports.",
          "type": [
           "integer",
           "string"
          ],
          "x-change": "I",
          "x-since": "M1",
          "x-canonical": "readinessProbe.check.port"
         },
         "service": {
          "description": "Name asked for; empty: the server as a whole.",
          "type": "string",
          "x-change": "I",
          "x-since": "M1",
          "x-canonical": "readinessProbe.check.service",
          "default": ""
         }
        },
        "additionalProperties": false,
        "x-change": "I",
        "x-since": "M1",
        "x-canonical": "readinessProbe.check",
        "required": [
         "port"
        ]
       },
       "initialDelaySeconds": {
        "description": "Seconds after the start before the first try.",
        "type": "integer",
        "default": 0,
        "x-change": "I",
        "x-since": "M1",
        "minimum": 0,
        "x-canonical": "readinessProbe.initialDelayMs"
       },
       "periodSeconds": {
        "description": "Seconds between tries.",
        "type": "integer",
        "default": 10,
        "x-change": "I",
        "x-since": "M1",
        "minimum": 1,
        "x-canonical": "readinessProbe.periodMs"
       },
       "period": {
        "description": "The same as periodSeconds, as a duration.",
        "type": [
         "string",
         "number"
        ],
        "x-type": "duration",
        "x-change": "I",
        "x-since": "M1",
        "x-canonical": "readinessProbe.periodMs"
       },
       "timeoutSeconds": {
        "description": "Seconds until a try has failed.",
        "type": "integer",
        "default": 1,
        "x-change": "I",
        "x-since": "M1",
        "minimum": 1,
        "x-canonical": "readinessProbe.timeoutMs"
       },
       "timeout": {
        "description": "The same as timeoutSeconds, as a duration.",
        "type": [
         "string",
         "number"
        ],
        "x-type": "duration",
        "x-change": "I",
        "x-since": "M1",
        "x-canonical": "readinessProbe.timeoutMs"
       },
       "successThreshold": {
        "description": "Successes in a row that make it ready.",
        "type": "integer",
        "default": 1,
        "x-change": "I",
        "x-since": "M1",
        "minimum": 1
       },
       "failureThreshold": {
        "description": "Failures in a row that make it not ready.",
        "type": "integer",
        "default": 3,
        "x-change": "I",
        "x-since": "M1",
        "minimum": 1
       }
      },
      "additionalProperties": false,
      "x-change": "I",
      "x-since": "M1"
     },
     "livenessProbe": {
      "description": "Restarts the process when it fails. One of exec, httpGet, tcpSocket and grpc.",
      "type": "object",
      "properties": {
       "exec": {
        "description": "Command in the container; exit code 0 is success.",
        "type": "array",
        "items": {
         "type": "string"
        },
        "x-change": "I",
        "x-since": "M1",
        "x-canonical": "livenessProbe.check.command"
       },
       "httpGet": {
        "description": "HTTP request to the container; 200 to 399 is success. A redirect is not followed, the certificate of HTTPS is not checked.",
        "type": "object",
        "properties": {
         "path": {
          "description": "Path of the request.",
          "type": "string",
          "default": "/",
          "x-change": "I",
          "x-since": "M1",
          "x-canonical": "livenessProbe.check.path"
         },
         "port": {
          "description": "Number, or name of one of the ports.",
          "type": [
           "integer",
           "string"
          ],
          "x-change": "I",
          "x-since": "M1",
          "x-canonical": "livenessProbe.check.port"
         },
         "scheme": {
          "description": "HTTP or HTTPS.",
          "type": "string",
          "enum": [
           "HTTP",
           "HTTPS"
          ],
          "default": "HTTP",
          "x-change": "I",
          "x-since": "M1",
          "x-canonical": "livenessProbe.check.scheme"
         },
         "headers": {
          "description": "Headers of the request.",
          "type": "object",
          "additionalProperties": {
           "type": "string"
          },
          "x-change": "I",
          "x-since": "M1",
          "x-canonical": "livenessProbe.check.headers"
         }
        },
        "additionalProperties": false,
        "x-change": "I",
        "x-since": "M1",
        "required": [
         "port"
        ],
        "x-canonical": "livenessProbe.check"
       },
       "tcpSocket": {
        "description": "A connection that is accepted is success.",
        "type": "object",
        "properties": {
         "port": {
          "description": "Number, or name of one of the ports.",
          "type": [
           "integer",
           "string"
          ],
          "x-change": "I",
          "x-since": "M1",
          "x-canonical": "livenessProbe.check.port"
         }
        },
        "additionalProperties": false,
        "x-change": "I",
        "x-since": "M1",
        "x-canonical": "livenessProbe.check",
        "required": [
         "port"
        ]
       },
       "grpc": {
        "description": "Health service of gRPC (grpc.health.v1) without TLS; SERVING is success.",
        "type": "object",
        "properties": {
         "port": {
          "description": "Number, or name of one of the ports.",
          "type": [
           "integer",
           "string"
          ],
          "x-change": "I",
          "x-since": "M1",
          "x-canonical": "livenessProbe.check.port"
         },
         "service": {
          "description": "Name asked for; empty: the server as a whole.",
          "type": "string",
          "x-change": "I",
          "x-since": "M1",
          "x-canonical": "livenessProbe.check.service",
          "default": ""
         }
        },
        "additionalProperties": false,
        "x-change": "I",
        "x-since": "M1",
        "x-canonical": "livenessProbe.check",
        "required": [
         "port"
        ]
       },
       "initialDelaySeconds": {
        "description": "Seconds after the start before the first try.",
        "type": "integer",
        "default": 0,
        "x-change": "I",
        "x-since": "M1",
        "minimum": 0,
        "x-canonical": "livenessProbe.initialDelayMs"
       },
       "periodSeconds": {
        "description": "Seconds between tries.",
        "type": "integer",
        "default": 10,
        "x-change": "I",
        "x-since": "M1",
        "minimum": 1,
        "x-canonical": "livenessProbe.periodMs"
       },
       "period": {
        "description": "The same as periodSeconds, as a duration.",
        "type": [
         "string",
         "number"
        ],
        "x-type": "duration",
        "x-change": "I",
        "x-since": "M1",
        "x-canonical": "livenessProbe.periodMs"
       },
       "timeoutSeconds": {
        "description": "Seconds until a try has failed.",
        "type": "integer",
        "default": 1,
        "x-change": "I",
        "x-since": "M1",
        "minimum": 1,
        "x-canonical": "livenessProbe.timeoutMs"
       },
       "timeout": {
        "description": "The same as timeoutSeconds, as a duration.",
        "type": [
         "string",
         "number"
        ],
        "x-type": "duration",
        "x-change": "I",
        "x-since": "M1",
        "x-canonical": "livenessProbe.timeoutMs"
       },
       "successThreshold": {
        "description": "Must be 1.",
        "type": "integer",
        "default": 1,
        "x-change": "I",
        "x-since": "M1",
        "minimum": 1,
        "maximum": 1
       },
       "failureThreshold": {
        "description": "Failures in a row after which the process is ended and restarted by its policy.",
        "type": "integer",
        "default": 3,
        "x-change": "I",
        "x-since": "M1",
        "minimum": 1
       },
       "terminationGracePeriodSeconds": {
        "description": "Time between the stop signal and SIGKILL when this probe ends the process, in seconds or as a duration.",
        "type": [
         "number",
         "string"
        ],
        "x-default": "the container's",
        "x-type": "duration",
        "x-change": "I",
        "x-since": "M1",
        "x-canonical": "livenessProbe.graceMs"
       }
      },
      "additionalProperties": false,
      "x-change": "I",
      "x-since": "M1"
     },
     "healthcheck": {
      "description": "Health check in the form of Compose; becomes a readiness probe. What it leaves out is the image's HEALTHCHECK.",
      "type": "object",
      "properties": {
       "test": {
        "description": "[CMD, program, …], [CMD-SHELL, command], a command for the shell, or [NONE].",
        "type": [
         "array",
         "string"
        ],
        "items": {
         "type": "string"
        },
        "x-default": "the image's",
        "x-change": "I",
        "x-since": "M1"
       },
       "interval": {
        "description": "Between tries.",
        "type": [
         "string",
         "number"
        ],
        "x-default": "the image's, else 30s",
        "x-type": "duration",
        "x-change": "I",
        "x-since": "M1",
        "x-canonical": "healthcheck.intervalMs"
       },
       "timeout": {
        "description": "Until a try has failed.",
        "type": [
         "string",
         "number"
        ],
        "x-default": "the image's, else 30s",
        "x-type": "duration",
        "x-change": "I",
        "x-since": "M1",
        "x-canonical": "healthcheck.timeoutMs"
       },
       "start_period": {
        "description": "Failures from the start until then do not count.",
        "type": [
         "string",
         "number"
        ],
        "x-default": "the image's, else 0s",
        "x-type": "duration",
        "x-change": "I",
        "x-since": "M1",
        "x-canonical": "healthcheck.startPeriodMs"
       },
       "start_interval": {
        "description": "Between tries in the start period.",
        "type": [
         "string",
         "number"
        ],
        "x-default": "the image's, else 5s",
        "x-type": "duration",
        "x-change": "I",
        "x-since": "M1",
        "x-canonical": "healthcheck.startIntervalMs"
       },
       "retries": {
        "description": "Failures in a row that make it not ready.",
        "type": "integer",
        "minimum": 1,
        "x-default": "the image's, else 3",
        "x-change": "I",
        "x-since": "M1"
       },
       "disable": {
        "description": "Runs none, the image's HEALTHCHECK neither.",
        "type": "boolean",
        "default": false,
        "x-change": "I",
        "x-since": "M1"
       },
       "restart": {
        "description": "Makes it a liveness probe too: the process is restarted when it fails.",
        "type": "boolean",
        "default": false,
        "x-change": "I",
        "x-since": "M1"
       }
      },
      "additionalProperties": false,
      "x-change": "I",
      "x-since": "M1"
     },
     "restartPolicy": {
      "description": "Whether the supervisor starts the process again when it has ended.",
      "type": "string",
      "enum": [
       "Always",
       "OnFailure",
       "Never"
      ],
      "default": "Always",
      "x-change": "I",
      "x-since": "M1"
     },
     "restartBackoff": {
      "description": "Pause before a restart; doubled each time. The first restart after a good run is immediate.",
      "type": "object",
      "properties": {
       "initial": {
        "description": "First pause.",
        "type": [
         "string",
         "number"
        ],
        "default": "500ms",
        "x-type": "duration",
        "x-change": "I",
        "x-since": "M1",
        "x-canonical": "restartBackoff.initialMs"
       },
       "max": {
        "description": "Longest pause.",
        "type": [
         "string",
         "number"
        ],
        "default": "60s",
        "x-type": "duration",
        "x-change": "I",
        "x-since": "M1",
        "x-canonical": "restartBackoff.maxMs"
       },
       "reset": {
        "description": "A run of this length counts as good.",
        "type": [
         "string",
         "number"
        ],
        "default": "10m",
        "x-type": "duration",
        "x-change": "I",
        "x-since": "M1",
        "x-canonical": "restartBackoff.resetMs"
       }
      },
      "additionalProperties": false,
      "x-change": "I",
      "x-since": "M1"
     },
     "maxRestarts": {
      "description": "Gives up after so many restarts.",
      "type": "integer",
      "minimum": 0,
      "x-default": "none",
      "x-change": "I",
      "x-since": "M1"
     },
     "stopSignal": {
      "description": "Signal that asks the process to end.",
      "type": [
       "string",
       "integer"
      ],
      "x-default": "the image's, else SIGTERM",
      "x-change": "I",
      "x-since": "M1"
     },
     "terminationGracePeriodSeconds": {
      "description": "Time between the stop signal and SIGKILL, in seconds or as a duration.",
      "type": [
       "number",
       "string"
      ],
      "default": 10,
      "x-type": "duration",
      "x-change": "I",
      "x-since": "M1",
      "x-canonical": "gracePeriodMs"
     },
     "lifecycle": {
      "description": "Hooks at start and stop.",
      "type": "object",
      "properties": {
       "postStart": {
        "description": "After the start.",
        "type": "object",
        "properties": {
         "exec": {
          "description": "Command in the container.",
          "type": "array",
          "items": {
           "type": "string"
          },
          "x-change": "I",
          "x-since": "M2"
         },
         "httpGet": {
          "description": "HTTP request; 200 to 399 is success.",
          "type": "object",
          "properties": {
           "path": {
            "description": "Path of the request.",
            "type": "string",
            "default": "/",
            "x-change": "I",
            "x-since": "M2"
           },
           "port": {
            "description": "Number or name of the port.",
            "type": [
             "integer",
             "string"
            ],
            "x-change": "I",
            "x-since": "M2"
           },
           "scheme": {
            "description": "HTTP or HTTPS.",
            "type": "string",
            "enum": [
             "HTTP",
             "HTTPS"
            ],
            "default": "HTTP",
            "x-change": "I",
            "x-since": "M2"
           },
           "headers": {
            "description": "Headers of the request.",
            "type": "object",
            "additionalProperties": {
             "type": "string"
            },
            "x-change": "I",
            "x-since": "M2"
           }
          },
          "additionalProperties": false,
          "x-change": "I",
          "x-since": "M2"
         },
         "sleep": {
          "description": "Only wait.",
          "type": [
           "string",
           "number"
          ],
          "x-type": "duration",
          "x-change": "I",
          "x-since": "M2"
         }
        },
        "additionalProperties": false,
        "x-change": "I",
        "x-since": "M2"
       },
       "preStop": {
        "description": "Before the stop signal.",
        "type": "object",
        "properties": {
         "exec": {
          "description": "Command in the container.",
          "type": "array",
          "items": {
           "type": "string"
          },
          "x-change": "I",
          "x-since": "M2"
         },
         "httpGet": {
          "description": "HTTP request; 200 to 399 is success.",
          "type": "object",
          "properties": {
           "path": {
            "description": "Path of the request.",
            "type": "string",
            "default": "/",
            "x-change": "I",
            "x-since": "M2"
           },
           "port": {
            "description": "Number or name of the port.",
            "type": [
             "integer",
             "string"
            ],
            "x-change": "I",
            "x-since": "M2"
           },
           "scheme": {
            "description": "HTTP or HTTPS.",
            "type": "string",
            "enum": [
             "HTTP",
             "HTTPS"
            ],
            "default": "HTTP",
            "x-change": "I",
            "x-since": "M2"
           },
           "headers": {
            "description": "Headers of the request.",
            "type": "object",
            "additionalProperties": {
             "type": "string"
            },
            "x-change": "I",
            "x-since": "M2"
           }
          },
          "additionalProperties": false,
          "x-change": "I",
          "x-since": "M2"
         },
         "sleep": {
          "description": "Only wait.",
          "type": [
           "string",
           "number"
          ],
          "x-type": "duration",
          "x-change": "I",
          "x-since": "M2"
         }
        },
        "additionalProperties": false,
        "x-change": "I",
        "x-since": "M2"
       }
      },
      "additionalProperties": false,
      "x-change": "I",
      "x-since": "M2"
     },
     "dependsOn": {
      "description": "Containers that come first, as a list of references or a map from reference to settings.",
      "type": [
       "array",
       "object"
      ],
      "default": [],
      "items": {
       "type": "string"
      },
      "additionalProperties": {
       "type": [
        "object",
        "null"
       ],
       "additionalProperties": false,
       "properties": {
        "condition": {
         "description": "What is waited for.",
         "type": "string",
         "enum": [
          "Started"
         ],
         "default": "Started",
         "x-change": "I",
         "x-since": "M1",
         "x-canonical": "dependsOn[].condition",
         "x-since-values": {
          "Ready": "M2",
          "Completed": "M2"
         }
        },
        "restart": {
         "description": "Restart when the other one is replaced.",
         "type": "boolean",
         "default": false,
         "x-change": "I",
         "x-since": "M2"
        },
        "timeout": {
         "description": "How long to wait before it counts as failed.",
         "type": [
          "string",
          "number"
         ],
         "default": "5m",
         "x-type": "duration",
         "x-change": "I",
         "x-since": "M1",
         "x-canonical": "dependsOn[].timeoutMs"
        }
       }
      },
      "x-change": "I",
      "x-since": "M1",
      "x-canonical": "dependsOn[].key"
     },
     "initContainers": {
      "description": "Steps that end before the first new instance starts.",
      "type": "array",
      "x-change": "C",
      "x-since": "M2"
     },
     "sidecars": {
      "description": "Processes beside the main one, in the same sandbox.",
      "type": "array",
      "x-change": "R",
      "x-since": "M2"
     },
     "replicas": {
      "description": "Number of copies.",
      "type": "integer",
      "default": 1,
      "minimum": 0,
      "maximum": 1000,
      "x-change": "I",
      "x-since": "M1"
     },
     "strategy": {
      "description": "How copies are exchanged.",
      "type": "object",
      "properties": {
       "type": {
        "description": "Recreate: stop the old one, then start the new one.",
        "type": "string",
        "enum": [
         "Recreate"
        ],
        "default": "Recreate",
        "x-change": "I",
        "x-since": "M1",
        "x-since-values": {
         "RollingUpdate": "M2"
        }
       },
       "maxSurge": {
        "description": "Copies above the number while exchanging.",
        "type": [
         "integer",
         "string"
        ],
        "default": 1,
        "x-change": "I",
        "x-since": "M2"
       },
       "maxUnavailable": {
        "description": "Copies that may be missing while exchanging.",
        "type": [
         "integer",
         "string"
        ],
        "default": 0,
        "x-change": "I",
        "x-since": "M2"
       },
       "minReady": {
        "description": "Ready for so long counts as ready.",
        "type": [
         "string",
         "number"
        ],
        "default": "3s",
        "x-type": "duration",
        "x-change": "I",
        "x-since": "M2"
       },
       "deadline": {
        "description": "Time until a rollout without progress has failed.",
        "type": [
         "string",
         "number"
        ],
        "default": "5m",
        "x-type": "duration",
        "x-change": "I",
        "x-since": "M2"
       },
       "drain": {
        "description": "Time for connections of the old copy to finish.",
        "type": [
         "string",
         "number"
        ],
        "default": "5s",
        "x-type": "duration",
        "x-change": "I",
        "x-since": "M2"
       },
       "onFailure": {
        "description": "Rollback, Pause or Continue.",
        "type": "string",
        "enum": [
         "Rollback",
         "Pause",
         "Continue"
        ],
        "default": "Rollback",
        "x-change": "I",
        "x-since": "M2"
       }
      },
      "additionalProperties": false,
      "x-change": "I",
      "x-since": "M1"
     },
     "autoUpdate": {
      "description": "Follow newer images.",
      "type": "object",
      "properties": {
       "policy": {
        "description": "Off, Digest (the tag moved) or Semver (a newer version within range).",
        "type": "string",
        "enum": [
         "Off",
         "Digest",
         "Semver"
        ],
        "default": "Off",
        "x-change": "I",
        "x-since": "M4"
       },
       "range": {
        "description": "Versions that are accepted.",
        "type": "string",
        "x-change": "I",
        "x-since": "M4"
       },
       "schedule": {
        "description": "When to look, five fields.",
        "type": "string",
        "x-change": "I",
        "x-since": "M4"
       },
       "window": {
        "description": "When a change may happen.",
        "type": "string",
        "x-change": "I",
        "x-since": "M4"
       },
       "rollback": {
        "description": "Go back when the new one does not become ready.",
        "type": "boolean",
        "default": true,
        "x-change": "I",
        "x-since": "M4"
       }
      },
      "additionalProperties": false,
      "x-change": "I",
      "x-since": "M4"
     },
     "logging": {
      "description": "Where output goes.",
      "type": "object",
      "properties": {
       "driver": {
        "description": "file: bounded files in the state directory.",
        "type": "string",
        "enum": [
         "file"
        ],
        "default": "file",
        "x-change": "I",
        "x-since": "M1",
        "x-since-values": {
         "journald": "M2",
         "none": "M2"
        }
       },
       "maxSize": {
        "description": "Size at which a file is closed and the next begun.",
        "type": [
         "string",
         "number"
        ],
        "default": "10Mi",
        "x-type": "quantity",
        "x-change": "I",
        "x-since": "M1",
        "x-canonical": "logging.maxBytes"
       },
       "maxFiles": {
        "description": "Files kept an instance.",
        "type": "integer",
        "default": 5,
        "minimum": 1,
        "maximum": 100,
        "x-change": "I",
        "x-since": "M1"
       },
       "keepOld": {
        "description": "Replaced instances whose logs are kept.",
        "type": "integer",
        "default": 3,
        "minimum": 0,
        "maximum": 100,
        "x-change": "I",
        "x-since": "M1"
       }
      },
      "additionalProperties": false,
      "x-change": "I",
      "x-since": "M1"
     },
     "runtime": {
      "description": "Runtime by its name in the EngineConfig.",
      "type": "string",
      "default": "native",
      "x-change": "C",
      "x-since": "M2"
     },
     "state": {
      "description": "Stopped: object, address and layer are kept.",
      "type": "string",
      "enum": [
       "Running",
       "Stopped"
      ],
      "default": "Running",
      "x-change": "I",
      "x-since": "M1",
      "x-since-values": {
       "Paused": "M3"
      }
     }
    },
    "additionalProperties": false
   },
   "metadata": {
    "title": "Metadata",
    "description": "Name, place and notes of an object.",
    "type": "object",
    "required": [
     "name"
    ],
    "additionalProperties": false,
    "properties": {
     "name": {
      "description": "Name: a-z, 0-9 and \"-\", at most 63.",
      "type": "string",
      "x-change": "X",
      "x-since": "M1"
     },
     "namespace": {
      "description": "Scope of names; appears on use.",
      "type": "string",
      "default": "default",
      "x-change": "X",
      "x-since": "M1"
     },
     "labels": {
      "description": "Marks to select by.",
      "type": "object",
      "default": {},
      "additionalProperties": {
       "type": "string"
      },
      "x-change": "I",
      "x-since": "M1"
     },
     "annotations": {
      "description": "Notes; tsdock/prune: disabled and tsdock/protect: \"true\" have a meaning.",
      "type": "object",
      "default": {},
      "additionalProperties": {
       "type": "string"
      },
      "x-change": "I",
      "x-since": "M1"
     },
     "uid": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "generation": {
      "description": "Written by the engine; ignored on input.",
      "type": "integer"
     },
     "set": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "createdAt": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "origin": {
      "description": "Written by the engine; ignored on input.",
      "type": "object"
     }
    }
   }
  }
 },
 "Image": {
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "Image.json",
  "title": "Image",
  "description": "An image to hold, independent of users.",
  "x-since": "M1",
  "type": "object",
  "required": [
   "apiVersion",
   "kind",
   "metadata",
   "spec"
  ],
  "additionalProperties": false,
  "properties": {
   "apiVersion": {
    "description": "Version of the form.",
    "type": "string",
    "enum": [
     "tsdock/v1"
    ]
   },
   "kind": {
    "description": "Kind of the object.",
    "type": "string",
    "enum": [
     "Image"
    ]
   },
   "metadata": {
    "$ref": "#/$defs/metadata"
   },
   "spec": {
    "$ref": "#/$defs/spec"
   },
   "status": {
    "description": "Written by the engine; ignored on input.",
    "type": "object"
   }
  },
  "$defs": {
   "spec": {
    "title": "ImageSpec",
    "description": "Fields of a Image.",
    "type": "object",
    "required": [
     "ref"
    ],
    "properties": {
     "ref": {
      "description": "Reference such as docker.io/library/nginx:1.29, or oci:DIR[:tag], oci-archive:FILE[:tag], docker-archive:FILE[:tag].",
      "type": "string",
      "x-change": "I",
      "x-since": "M1"
     },
     "pullPolicy": {
      "description": "When the registry is asked: only when absent, at each apply, or never.",
      "type": "string",
      "enum": [
       "IfNotPresent",
       "Always",
       "Never"
      ],
      "default": "IfNotPresent",
      "x-change": "I"
     },
     "keep": {
      "description": "Whether it counts as used by itself; if not, it may go when nothing else uses it, and comes back when something does.",
      "type": "boolean",
      "default": true,
      "x-change": "I"
     },
     "autoUpdate": {
      "description": "Follow newer images.",
      "type": "object",
      "properties": {
       "policy": {
        "description": "Off, Digest (the tag moved) or Semver (a newer version within range).",
        "type": "string",
        "enum": [
         "Off",
         "Digest",
         "Semver"
        ],
        "default": "Off",
        "x-change": "I",
        "x-since": "M4"
       },
       "range": {
        "description": "Versions that are accepted.",
        "type": "string",
        "x-change": "I",
        "x-since": "M4"
       },
       "schedule": {
        "description": "When to look, five fields.",
        "type": "string",
        "x-change": "I",
        "x-since": "M4"
       },
       "window": {
        "description": "When a change may happen.",
        "type": "string",
        "x-change": "I",
        "x-since": "M4"
       },
       "rollback": {
        "description": "Go back when the new one does not become ready.",
        "type": "boolean",
        "default": true,
        "x-change": "I",
        "x-since": "M4"
       }
      },
      "additionalProperties": false,
      "x-change": "I",
      "x-since": "M4"
     },
     "verify": {
      "description": "Signatures the image must have before it is unpacked, beside those its Registry asks for.",
      "type": "object",
      "properties": {
       "keys": {
        "description": "Public keys in PEM form, as cosign.pub has one: ECDSA, RSA or Ed25519.",
        "type": "array",
        "items": {
         "type": "string"
        },
        "x-change": "I"
       },
       "keyFiles": {
        "description": "Files with a public key each, beside the manifest: a path or a pattern.",
        "type": "array",
        "items": {
         "type": "string"
        },
        "x-change": "I",
        "x-canonical": "verify.keys"
       },
       "policy": {
        "description": "Any: one of the keys must have signed; All: each of them.",
        "type": "string",
        "enum": [
         "Any",
         "All"
        ],
        "default": "Any",
        "x-change": "I"
       },
       "identity": {
        "description": "Repository: the signature must name this repository; Any: only the digest counts, as with cosign verify.",
        "type": "string",
        "enum": [
         "Any",
         "Repository"
        ],
        "default": "Any",
        "x-change": "I"
       }
      },
      "additionalProperties": false,
      "x-change": "I"
     }
    },
    "additionalProperties": false
   },
   "metadata": {
    "title": "Metadata",
    "description": "Name, place and notes of an object.",
    "type": "object",
    "required": [
     "name"
    ],
    "additionalProperties": false,
    "properties": {
     "name": {
      "description": "Name: a-z, 0-9 and \"-\", at most 63.",
      "type": "string",
      "x-change": "X",
      "x-since": "M1"
     },
     "namespace": {
      "description": "Scope of names; appears on use.",
      "type": "string",
      "default": "default",
      "x-change": "X",
      "x-since": "M1"
     },
     "labels": {
      "description": "Marks to select by.",
      "type": "object",
      "default": {},
      "additionalProperties": {
       "type": "string"
      },
      "x-change": "I",
      "x-since": "M1"
     },
     "annotations": {
      "description": "Notes; tsdock/prune: disabled and tsdock/protect: \"true\" have a meaning.",
      "type": "object",
      "default": {},
      "additionalProperties": {
       "type": "string"
      },
      "x-change": "I",
      "x-since": "M1"
     },
     "uid": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "generation": {
      "description": "Written by the engine; ignored on input.",
      "type": "integer"
     },
     "set": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "createdAt": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "origin": {
      "description": "Written by the engine; ignored on input.",
      "type": "object"
     }
    }
   }
  }
 },
 "Network": {
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "Network.json",
  "title": "Network",
  "description": "A bridge with addresses and names.",
  "x-since": "M1",
  "type": "object",
  "required": [
   "apiVersion",
   "kind",
   "metadata"
  ],
  "additionalProperties": false,
  "properties": {
   "apiVersion": {
    "description": "Version of the form.",
    "type": "string",
    "enum": [
     "tsdock/v1"
    ]
   },
   "kind": {
    "description": "Kind of the object.",
    "type": "string",
    "enum": [
     "Network"
    ]
   },
   "metadata": {
    "$ref": "#/$defs/metadata"
   },
   "spec": {
    "$ref": "#/$defs/spec"
   },
   "status": {
    "description": "Written by the engine; ignored on input.",
    "type": "object"
   }
  },
  "$defs": {
   "spec": {
    "title": "NetworkSpec",
    "description": "Fields of a Network.",
    "type": "object",
    "properties": {
     "driver": {
      "description": "Kind of network.",
      "type": "string",
      "enum": [
       "bridge"
      ],
      "default": "bridge",
      "x-change": "X",
      "x-since": "M1",
      "x-since-values": {
       "macvlan": "M3",
       "ipvlan": "M3"
      }
     },
     "subnet": {
      "description": "IPv4 network in CIDR form; a grown one is taken in place, a moved one breaks connections.",
      "type": "string",
      "x-default": "from the pools, free of host routes",
      "x-change": "N",
      "x-since": "M1"
     },
     "gateway": {
      "description": "Address of the bridge.",
      "type": "string",
      "x-default": "first address of the subnet",
      "x-change": "N",
      "x-since": "M1"
     },
     "ipRange": {
      "description": "Part of the subnet from which addresses are leased.",
      "type": "string",
      "x-default": "the subnet",
      "x-change": "N",
      "x-since": "M1"
     },
     "ipv6": {
      "description": "IPv6 addresses.",
      "type": "object",
      "properties": {
       "enabled": {
        "description": "auto, true or false.",
        "type": [
         "boolean",
         "string"
        ],
        "default": "auto",
        "x-change": "I",
        "x-since": "M2"
       },
       "subnet": {
        "description": "Network or auto (unique local).",
        "type": "string",
        "default": "auto",
        "x-change": "I",
        "x-since": "M2"
       }
      },
      "additionalProperties": false,
      "x-change": "I",
      "x-since": "M2"
     },
     "internal": {
      "description": "No way out of the host.",
      "type": "boolean",
      "default": false,
      "x-change": "I",
      "x-since": "M2"
     },
     "isolated": {
      "description": "No traffic to other networks of tsdock.",
      "type": "boolean",
      "default": true,
      "x-change": "I",
      "x-since": "M1"
     },
     "masquerade": {
      "description": "Outgoing traffic carries the address of the host.",
      "type": "boolean",
      "default": true,
      "x-change": "I",
      "x-since": "M1"
     },
     "mtu": {
      "description": "Largest packet, or auto.",
      "type": [
       "integer",
       "string"
      ],
      "default": "auto",
      "x-change": "N",
      "x-since": "M1"
     },
     "dns": {
      "description": "Names of its members.",
      "type": "object",
      "properties": {
       "forwarders": {
        "description": "Servers asked for other names, instead of those of the host; at most three addresses.",
        "type": "array",
        "items": {
         "type": "string"
        },
        "x-change": "I",
        "x-since": "M1"
       },
       "domain": {
        "description": "Further domain under which its members have their names, beside their namespaces.",
        "type": "string",
        "x-change": "I",
        "x-since": "M1"
       }
      },
      "additionalProperties": false,
      "x-change": "I",
      "x-since": "M1"
     }
    },
    "additionalProperties": false
   },
   "metadata": {
    "title": "Metadata",
    "description": "Name, place and notes of an object.",
    "type": "object",
    "required": [
     "name"
    ],
    "additionalProperties": false,
    "properties": {
     "name": {
      "description": "Name: a-z, 0-9 and \"-\", at most 63.",
      "type": "string",
      "x-change": "X",
      "x-since": "M1"
     },
     "namespace": {
      "description": "Scope of names; appears on use.",
      "type": "string",
      "default": "default",
      "x-change": "X",
      "x-since": "M1"
     },
     "labels": {
      "description": "Marks to select by.",
      "type": "object",
      "default": {},
      "additionalProperties": {
       "type": "string"
      },
      "x-change": "I",
      "x-since": "M1"
     },
     "annotations": {
      "description": "Notes; tsdock/prune: disabled and tsdock/protect: \"true\" have a meaning.",
      "type": "object",
      "default": {},
      "additionalProperties": {
       "type": "string"
      },
      "x-change": "I",
      "x-since": "M1"
     },
     "uid": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "generation": {
      "description": "Written by the engine; ignored on input.",
      "type": "integer"
     },
     "set": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "createdAt": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "origin": {
      "description": "Written by the engine; ignored on input.",
      "type": "object"
     }
    }
   }
  }
 },
 "Volume": {
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "Volume.json",
  "title": "Volume",
  "description": "Data that outlives containers.",
  "x-since": "M1",
  "type": "object",
  "required": [
   "apiVersion",
   "kind",
   "metadata"
  ],
  "additionalProperties": false,
  "properties": {
   "apiVersion": {
    "description": "Version of the form.",
    "type": "string",
    "enum": [
     "tsdock/v1"
    ]
   },
   "kind": {
    "description": "Kind of the object.",
    "type": "string",
    "enum": [
     "Volume"
    ]
   },
   "metadata": {
    "$ref": "#/$defs/metadata"
   },
   "spec": {
    "$ref": "#/$defs/spec"
   },
   "status": {
    "description": "Written by the engine; ignored on input.",
    "type": "object"
   }
  },
  "$defs": {
   "spec": {
    "title": "VolumeSpec",
    "description": "Fields of a Volume.",
    "type": "object",
    "properties": {
     "driver": {
      "description": "local: a directory of the engine; bind: a path of the host; tmpfs: in memory.",
      "type": "string",
      "enum": [
       "local",
       "bind",
       "tmpfs"
      ],
      "default": "local",
      "x-change": "D",
      "x-since": "M1",
      "x-since-values": {
       "nfs": "M4"
      }
     },
     "hostPath": {
      "description": "Path of the host, for bind; relative to the manifest.",
      "type": "string",
      "x-default": "none",
      "x-change": "D",
      "x-since": "M1"
     },
     "nfs": {
      "description": "Server, path and options.",
      "type": "object",
      "properties": {
       "server": {
        "description": "Server.",
        "type": "string",
        "x-change": "D",
        "x-since": "M4"
       },
       "path": {
        "description": "Exported path.",
        "type": "string",
        "x-change": "D",
        "x-since": "M4"
       },
       "options": {
        "description": "Mount options.",
        "type": "string",
        "x-change": "D",
        "x-since": "M4"
       }
      },
      "additionalProperties": false,
      "x-change": "D",
      "x-since": "M4"
     },
     "size": {
      "description": "Limit of its size.",
      "type": [
       "string",
       "number"
      ],
      "x-type": "quantity",
      "x-change": "I",
      "x-since": "M4"
     },
     "accessMode": {
      "description": "ReadWriteOnce: never two writers in a rollout.",
      "type": "string",
      "enum": [
       "ReadWriteOnce",
       "ReadWriteMany"
      ],
      "default": "ReadWriteOnce",
      "x-change": "I",
      "x-since": "M1"
     },
     "owner": {
      "description": "Owner and mode of its top directory.",
      "type": "object",
      "properties": {
       "uid": {
        "description": "User.",
        "type": "integer",
        "minimum": 0,
        "maximum": 4294967294,
        "x-default": "the image's",
        "x-change": "I",
        "x-since": "M1"
       },
       "gid": {
        "description": "Group.",
        "type": "integer",
        "minimum": 0,
        "maximum": 4294967294,
        "x-default": "the image's",
        "x-change": "I",
        "x-since": "M1"
       },
       "mode": {
        "description": "Mode in quotes: \"0750\".",
        "type": [
         "string",
         "integer"
        ],
        "x-default": "the image's",
        "x-change": "I",
        "x-since": "M1"
       }
      },
      "additionalProperties": false,
      "x-change": "I",
      "x-since": "M1"
     },
     "populateFrom": {
      "description": "Fills it once, when empty.",
      "type": "object",
      "properties": {
       "image": {
        "description": "Image.",
        "type": "string",
        "x-change": "I",
        "x-since": "M2"
       },
       "path": {
        "description": "Path in the image.",
        "type": "string",
        "x-change": "I",
        "x-since": "M2"
       },
       "tar": {
        "description": "Archive.",
        "type": "string",
        "x-change": "I",
        "x-since": "M2"
       }
      },
      "additionalProperties": false,
      "x-change": "I",
      "x-since": "M2"
     },
     "reclaimPolicy": {
      "description": "Whether the data goes with the object.",
      "type": "string",
      "enum": [
       "Retain",
       "Delete"
      ],
      "default": "Retain",
      "x-change": "I",
      "x-since": "M1"
     }
    },
    "additionalProperties": false
   },
   "metadata": {
    "title": "Metadata",
    "description": "Name, place and notes of an object.",
    "type": "object",
    "required": [
     "name"
    ],
    "additionalProperties": false,
    "properties": {
     "name": {
      "description": "Name: a-z, 0-9 and \"-\", at most 63.",
      "type": "string",
      "x-change": "X",
      "x-since": "M1"
     },
     "namespace": {
      "description": "Scope of names; appears on use.",
      "type": "string",
      "default": "default",
      "x-change": "X",
      "x-since": "M1"
     },
     "labels": {
      "description": "Marks to select by.",
      "type": "object",
      "default": {},
      "additionalProperties": {
       "type": "string"
      },
      "x-change": "I",
      "x-since": "M1"
     },
     "annotations": {
      "description": "Notes; tsdock/prune: disabled and tsdock/protect: \"true\" have a meaning.",
      "type": "object",
      "default": {},
      "additionalProperties": {
       "type": "string"
      },
      "x-change": "I",
      "x-since": "M1"
     },
     "uid": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "generation": {
      "description": "Written by the engine; ignored on input.",
      "type": "integer"
     },
     "set": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "createdAt": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "origin": {
      "description": "Written by the engine; ignored on input.",
      "type": "object"
     }
    }
   }
  }
 },
 "Config": {
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "Config.json",
  "title": "Config",
  "description": "Text and bytes that are mounted as files or given as variables.",
  "x-since": "M1",
  "type": "object",
  "required": [
   "apiVersion",
   "kind",
   "metadata"
  ],
  "additionalProperties": false,
  "properties": {
   "apiVersion": {
    "description": "Version of the form.",
    "type": "string",
    "enum": [
     "tsdock/v1"
    ]
   },
   "kind": {
    "description": "Kind of the object.",
    "type": "string",
    "enum": [
     "Config"
    ]
   },
   "metadata": {
    "$ref": "#/$defs/metadata"
   },
   "spec": {
    "$ref": "#/$defs/spec"
   },
   "status": {
    "description": "Written by the engine; ignored on input.",
    "type": "object"
   }
  },
  "$defs": {
   "spec": {
    "title": "ConfigSpec",
    "description": "Fields of a Config.",
    "type": "object",
    "properties": {
     "data": {
      "description": "File name to text.",
      "type": "object",
      "default": {},
      "additionalProperties": {
       "type": "string"
      },
      "x-change": "S"
     },
     "binaryData": {
      "description": "File name to bytes in base64.",
      "type": "object",
      "additionalProperties": {
       "type": "string"
      },
      "x-change": "S",
      "default": {}
     },
     "files": {
      "description": "Paths or globs (* and ?), relative to the manifest; the key is the base name. Read when the manifest is read, also by the watch of a directory.",
      "type": "array",
      "items": {
       "type": "string"
      },
      "x-change": "S",
      "default": [],
      "x-canonical": "data"
     },
     "interpolate": {
      "description": "Replaces ${NAME} of declared variables in data too.",
      "type": "boolean",
      "default": false,
      "x-change": "I"
     },
     "immutable": {
      "description": "Refuses other content from then on; a new name takes it.",
      "type": "boolean",
      "default": false,
      "x-change": "X"
     }
    },
    "additionalProperties": false
   },
   "metadata": {
    "title": "Metadata",
    "description": "Name, place and notes of an object.",
    "type": "object",
    "required": [
     "name"
    ],
    "additionalProperties": false,
    "properties": {
     "name": {
      "description": "Name: a-z, 0-9 and \"-\", at most 63.",
      "type": "string",
      "x-change": "X",
      "x-since": "M1"
     },
     "namespace": {
      "description": "Scope of names; appears on use.",
      "type": "string",
      "default": "default",
      "x-change": "X",
      "x-since": "M1"
     },
     "labels": {
      "description": "Marks to select by.",
      "type": "object",
      "default": {},
      "additionalProperties": {
       "type": "string"
      },
      "x-change": "I",
      "x-since": "M1"
     },
     "annotations": {
      "description": "Notes; tsdock/prune: disabled and tsdock/protect: \"true\" have a meaning.",
      "type": "object",
      "default": {},
      "additionalProperties": {
       "type": "string"
      },
      "x-change": "I",
      "x-since": "M1"
     },
     "uid": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "generation": {
      "description": "Written by the engine; ignored on input.",
      "type": "integer"
     },
     "set": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "createdAt": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "origin": {
      "description": "Written by the engine; ignored on input.",
      "type": "object"
     }
    }
   }
  }
 },
 "Secret": {
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "Secret.json",
  "title": "Secret",
  "description": "Like a Config, but encrypted at rest and never printed.",
  "type": "object",
  "required": [
   "apiVersion",
   "kind",
   "metadata"
  ],
  "additionalProperties": false,
  "properties": {
   "apiVersion": {
    "description": "Version of the form.",
    "type": "string",
    "enum": [
     "tsdock/v1"
    ]
   },
   "kind": {
    "description": "Kind of the object.",
    "type": "string",
    "enum": [
     "Secret"
    ]
   },
   "metadata": {
    "$ref": "#/$defs/metadata"
   },
   "spec": {
    "$ref": "#/$defs/spec"
   },
   "status": {
    "description": "Written by the engine; ignored on input.",
    "type": "object"
   }
  },
  "$defs": {
   "spec": {
    "title": "SecretSpec",
    "description": "Fields of a Secret.",
    "type": "object",
    "properties": {
     "stringData": {
      "description": "Key to text.",
      "type": "object",
      "additionalProperties": {
       "type": "string"
      },
      "x-change": "S",
      "default": {},
      "x-canonical": "values"
     },
     "data": {
      "description": "Key to bytes in base64.",
      "type": "object",
      "additionalProperties": {
       "type": "string"
      },
      "x-change": "S",
      "default": {},
      "x-canonical": "values"
     },
     "encrypted": {
      "description": "Key to armoured age text; decrypted with the identities in keys/identity.txt of the state directory, one a line as age-keygen writes them.",
      "type": "object",
      "additionalProperties": {
       "type": "string"
      },
      "x-change": "S",
      "default": {},
      "x-canonical": "values"
     },
     "from": {
      "description": "One further source. file, env and exec give the key \"value\" and are read where the manifest is read.",
      "type": "object",
      "additionalProperties": false,
      "x-change": "S",
      "properties": {
       "file": {
        "description": "Path of a file, relative to the manifest; its bytes as they are.",
        "type": "string",
        "x-canonical": "values"
       },
       "env": {
        "description": "Variable in the environment of the command, or of the daemon for a watched directory.",
        "type": "string",
        "x-canonical": "values"
       },
       "exec": {
        "description": "Program and arguments, run without a shell beside the manifest, at most 10 seconds and 1 MiB; its output without the last line break. In a watched directory it runs when its manifest has changed.",
        "type": "array",
        "items": {
         "type": "string"
        },
        "x-canonical": "values"
       },
       "secret": {
        "description": "Another Secret, name or namespace/name; follows its content.",
        "type": "string"
       },
       "keys": {
        "description": "Which keys of that Secret.",
        "type": "array",
        "items": {
         "type": "string"
        },
        "x-default": "all"
       }
      }
     },
     "generate": {
      "description": "Key to a rule. The value is made once on the host and kept, also when its rule changes.",
      "type": "object",
      "default": {},
      "x-change": "I",
      "additionalProperties": {
       "type": "object",
       "additionalProperties": false,
       "properties": {
        "length": {
         "description": "Number of characters; of random bytes for base64.",
         "type": "integer",
         "minimum": 8,
         "maximum": 4096,
         "default": 32,
         "x-canonical": "generate"
        },
        "charset": {
         "description": "Which characters.",
         "type": "string",
         "enum": [
          "alnum",
          "hex",
          "base64",
          "ascii"
         ],
         "default": "alnum",
         "x-canonical": "generate"
        }
       }
      }
     }
    },
    "additionalProperties": false
   },
   "metadata": {
    "title": "Metadata",
    "description": "Name, place and notes of an object.",
    "type": "object",
    "required": [
     "name"
    ],
    "additionalProperties": false,
    "properties": {
     "name": {
      "description": "Name: a-z, 0-9 and \"-\", at most 63.",
      "type": "string",
      "x-change": "X",
      "x-since": "M1"
     },
     "namespace": {
      "description": "Scope of names; appears on use.",
      "type": "string",
      "default": "default",
      "x-change": "X",
      "x-since": "M1"
     },
     "labels": {
      "description": "Marks to select by.",
      "type": "object",
      "default": {},
      "additionalProperties": {
       "type": "string"
      },
      "x-change": "I",
      "x-since": "M1"
     },
     "annotations": {
      "description": "Notes; tsdock/prune: disabled and tsdock/protect: \"true\" have a meaning.",
      "type": "object",
      "default": {},
      "additionalProperties": {
       "type": "string"
      },
      "x-change": "I",
      "x-since": "M1"
     },
     "uid": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "generation": {
      "description": "Written by the engine; ignored on input.",
      "type": "integer"
     },
     "set": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "createdAt": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "origin": {
      "description": "Written by the engine; ignored on input.",
      "type": "object"
     }
    }
   }
  }
 },
 "Job": {
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "Job.json",
  "title": "Job",
  "description": "A process that ends.",
  "x-since": "M2",
  "type": "object",
  "required": [
   "apiVersion",
   "kind",
   "metadata",
   "spec"
  ],
  "additionalProperties": false,
  "properties": {
   "apiVersion": {
    "description": "Version of the form.",
    "type": "string",
    "enum": [
     "tsdock/v1"
    ]
   },
   "kind": {
    "description": "Kind of the object.",
    "type": "string",
    "enum": [
     "Job"
    ]
   },
   "metadata": {
    "$ref": "#/$defs/metadata"
   },
   "spec": {
    "$ref": "#/$defs/spec"
   },
   "status": {
    "description": "Written by the engine; ignored on input.",
    "type": "object"
   }
  },
  "$defs": {
   "spec": {
    "title": "JobSpec",
    "description": "Fields of a Job.",
    "type": "object",
    "required": [
     "template"
    ],
    "properties": {
     "template": {
      "description": "Fields of Container.spec; restartPolicy OnFailure; no ports, replicas, strategy.",
      "type": "object",
      "x-change": "C",
      "x-since": "M2"
     },
     "runPolicy": {
      "description": "OnChange, Once or Always.",
      "type": "string",
      "enum": [
       "OnChange",
       "Once",
       "Always"
      ],
      "default": "OnChange",
      "x-change": "I",
      "x-since": "M2"
     },
     "completions": {
      "description": "Runs that must succeed.",
      "type": "integer",
      "default": 1,
      "x-change": "I",
      "x-since": "M2"
     },
     "parallelism": {
      "description": "Runs at the same time.",
      "type": "integer",
      "default": 1,
      "x-change": "I",
      "x-since": "M2"
     },
     "backoffLimit": {
      "description": "Failures until it has failed.",
      "type": "integer",
      "default": 3,
      "x-change": "I",
      "x-since": "M2"
     },
     "activeDeadlineSeconds": {
      "description": "Time until it is ended.",
      "type": "integer",
      "x-default": "none",
      "x-change": "I",
      "x-since": "M2"
     },
     "ttlSecondsAfterFinished": {
      "description": "Time until a finished one is removed.",
      "type": "integer",
      "x-default": "none",
      "x-change": "I",
      "x-since": "M2"
     }
    },
    "additionalProperties": false
   },
   "metadata": {
    "title": "Metadata",
    "description": "Name, place and notes of an object.",
    "type": "object",
    "required": [
     "name"
    ],
    "additionalProperties": false,
    "properties": {
     "name": {
      "description": "Name: a-z, 0-9 and \"-\", at most 63.",
      "type": "string",
      "x-change": "X",
      "x-since": "M1"
     },
     "namespace": {
      "description": "Scope of names; appears on use.",
      "type": "string",
      "default": "default",
      "x-change": "X",
      "x-since": "M1"
     },
     "labels": {
      "description": "Marks to select by.",
      "type": "object",
      "default": {},
      "additionalProperties": {
       "type": "string"
      },
      "x-change": "I",
      "x-since": "M1"
     },
     "annotations": {
      "description": "Notes; tsdock/prune: disabled and tsdock/protect: \"true\" have a meaning.",
      "type": "object",
      "default": {},
      "additionalProperties": {
       "type": "string"
      },
      "x-change": "I",
      "x-since": "M1"
     },
     "uid": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "generation": {
      "description": "Written by the engine; ignored on input.",
      "type": "integer"
     },
     "set": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "createdAt": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "origin": {
      "description": "Written by the engine; ignored on input.",
      "type": "object"
     }
    }
   }
  }
 },
 "CronJob": {
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "CronJob.json",
  "title": "CronJob",
  "description": "Jobs by the clock.",
  "x-since": "M2",
  "type": "object",
  "required": [
   "apiVersion",
   "kind",
   "metadata",
   "spec"
  ],
  "additionalProperties": false,
  "properties": {
   "apiVersion": {
    "description": "Version of the form.",
    "type": "string",
    "enum": [
     "tsdock/v1"
    ]
   },
   "kind": {
    "description": "Kind of the object.",
    "type": "string",
    "enum": [
     "CronJob"
    ]
   },
   "metadata": {
    "$ref": "#/$defs/metadata"
   },
   "spec": {
    "$ref": "#/$defs/spec"
   },
   "status": {
    "description": "Written by the engine; ignored on input.",
    "type": "object"
   }
  },
  "$defs": {
   "spec": {
    "title": "CronJobSpec",
    "description": "Fields of a CronJob.",
    "type": "object",
    "required": [
     "schedule",
     "jobTemplate"
    ],
    "properties": {
     "schedule": {
      "description": "Five fields, or @daily and the like.",
      "type": "string",
      "x-change": "I",
      "x-since": "M2"
     },
     "timeZone": {
      "description": "Time zone of the schedule.",
      "type": "string",
      "x-default": "the host's",
      "x-change": "I",
      "x-since": "M2"
     },
     "concurrencyPolicy": {
      "description": "Forbid, Allow or Replace.",
      "type": "string",
      "enum": [
       "Forbid",
       "Allow",
       "Replace"
      ],
      "default": "Forbid",
      "x-change": "I",
      "x-since": "M2"
     },
     "catchUp": {
      "description": "Runs once what was missed.",
      "type": "boolean",
      "default": false,
      "x-change": "I",
      "x-since": "M2"
     },
     "startingDeadlineSeconds": {
      "description": "How late a run may start.",
      "type": "integer",
      "x-default": "none",
      "x-change": "I",
      "x-since": "M2"
     },
     "suspend": {
      "description": "Starts no runs.",
      "type": "boolean",
      "default": false,
      "x-change": "I",
      "x-since": "M2"
     },
     "successfulJobsHistoryLimit": {
      "description": "Finished Jobs kept.",
      "type": "integer",
      "default": 3,
      "x-change": "I",
      "x-since": "M2"
     },
     "failedJobsHistoryLimit": {
      "description": "Failed Jobs kept.",
      "type": "integer",
      "default": 3,
      "x-change": "I",
      "x-since": "M2"
     },
     "jobTemplate": {
      "description": "Fields of Job.spec.",
      "type": "object",
      "x-change": "I",
      "x-since": "M2"
     }
    },
    "additionalProperties": false
   },
   "metadata": {
    "title": "Metadata",
    "description": "Name, place and notes of an object.",
    "type": "object",
    "required": [
     "name"
    ],
    "additionalProperties": false,
    "properties": {
     "name": {
      "description": "Name: a-z, 0-9 and \"-\", at most 63.",
      "type": "string",
      "x-change": "X",
      "x-since": "M1"
     },
     "namespace": {
      "description": "Scope of names; appears on use.",
      "type": "string",
      "default": "default",
      "x-change": "X",
      "x-since": "M1"
     },
     "labels": {
      "description": "Marks to select by.",
      "type": "object",
      "default": {},
      "additionalProperties": {
       "type": "string"
      },
      "x-change": "I",
      "x-since": "M1"
     },
     "annotations": {
      "description": "Notes; tsdock/prune: disabled and tsdock/protect: \"true\" have a meaning.",
      "type": "object",
      "default": {},
      "additionalProperties": {
       "type": "string"
      },
      "x-change": "I",
      "x-since": "M1"
     },
     "uid": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "generation": {
      "description": "Written by the engine; ignored on input.",
      "type": "integer"
     },
     "set": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "createdAt": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "origin": {
      "description": "Written by the engine; ignored on input.",
      "type": "object"
     }
    }
   }
  }
 },
 "Registry": {
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "Registry.json",
  "title": "Registry",
  "description": "Logins, mirrors and certificates of a registry host, for all namespaces.",
  "type": "object",
  "required": [
   "apiVersion",
   "kind",
   "metadata",
   "spec"
  ],
  "additionalProperties": false,
  "properties": {
   "apiVersion": {
    "description": "Version of the form.",
    "type": "string",
    "enum": [
     "tsdock/v1"
    ]
   },
   "kind": {
    "description": "Kind of the object.",
    "type": "string",
    "enum": [
     "Registry"
    ]
   },
   "metadata": {
    "$ref": "#/$defs/metadata"
   },
   "spec": {
    "$ref": "#/$defs/spec"
   },
   "status": {
    "description": "Written by the engine; ignored on input.",
    "type": "object"
   }
  },
  "$defs": {
   "spec": {
    "title": "RegistrySpec",
    "description": "Fields of a Registry.",
    "type": "object",
    "required": [
     "host"
    ],
    "properties": {
     "host": {
      "description": "Host as references have it, with its port: docker.io, registry.example.com:5000.",
      "type": "string",
      "x-change": "I"
     },
     "mirrors": {
      "description": "Hosts asked first, in this order, with a path if the mirror keeps the registry below one: mirror.lan:5000, harbor.lan/dockerhub. A mirror that fails is left out.",
      "type": "array",
      "items": {
       "type": "string"
      },
      "default": [],
      "x-change": "I"
     },
     "auth": {
      "description": "Login; without one that of docker login is used.",
      "type": "object",
      "properties": {
       "secret": {
        "description": "Secret with the keys user and password, or token for an identity token.",
        "type": "string",
        "x-change": "I"
       }
      },
      "additionalProperties": false,
      "x-change": "I"
     },
     "ca": {
      "description": "Certificate authorities in PEM that are trusted for this host, beside the public ones.",
      "type": "string",
      "x-change": "I"
     },
     "clientCertificate": {
      "description": "Certificate shown to the host.",
      "type": "object",
      "properties": {
       "secret": {
        "description": "Secret with the keys tls.crt and tls.key.",
        "type": "string",
        "x-change": "I"
       }
      },
      "additionalProperties": false,
      "x-change": "I"
     },
     "realms": {
      "description": "Further hosts that may get its login to answer with a token: auth.example.com.",
      "type": "array",
      "items": {
       "type": "string"
      },
      "default": [],
      "x-change": "I"
     },
     "insecure": {
      "description": "Plain HTTP; loopback needs no permission.",
      "type": "boolean",
      "default": false,
      "x-change": "I"
     },
     "verify": {
      "description": "Signatures the images of this host must have before they are unpacked, by repository; the longest prefix counts.",
      "type": "array",
      "items": {
       "type": "object",
       "properties": {
        "prefix": {
         "description": "Path that repositories begin with, in whole parts: team is for team/app. Empty: all of the host.",
         "type": "string",
         "default": "",
         "x-change": "I"
        },
        "keys": {
         "description": "Public keys in PEM form, as cosign.pub has one: ECDSA, RSA or Ed25519.",
         "type": "array",
         "items": {
          "type": "string"
         },
         "x-change": "I"
        },
        "keyFiles": {
         "description": "Files with a public key each, beside the manifest: a path or a pattern.",
         "type": "array",
         "items": {
          "type": "string"
         },
         "x-change": "I"
        },
        "policy": {
         "description": "Any: one of the keys must have signed; All: each of them; None: no signature is asked for below this prefix.",
         "type": "string",
         "enum": [
          "Any",
          "All",
          "None"
         ],
         "default": "Any",
         "x-change": "I"
        },
        "identity": {
         "description": "Repository: the signature must name this repository; Any: only the digest counts, as with cosign verify.",
         "type": "string",
         "enum": [
          "Any",
          "Repository"
         ],
         "default": "Any",
         "x-change": "I"
        }
       },
       "additionalProperties": false
      },
      "default": [],
      "x-change": "I"
     }
    },
    "additionalProperties": false
   },
   "metadata": {
    "title": "Metadata",
    "description": "Name, place and notes of an object.",
    "type": "object",
    "required": [
     "name"
    ],
    "additionalProperties": false,
    "properties": {
     "name": {
      "description": "Name: a-z, 0-9 and \"-\", at most 63.",
      "type": "string",
      "x-change": "X",
      "x-since": "M1"
     },
     "namespace": {
      "description": "Scope of names; appears on use.",
      "type": "string",
      "default": "default",
      "x-change": "X",
      "x-since": "M1"
     },
     "labels": {
      "description": "Marks to select by.",
      "type": "object",
      "default": {},
      "additionalProperties": {
       "type": "string"
      },
      "x-change": "I",
      "x-since": "M1"
     },
     "annotations": {
      "description": "Notes; tsdock/prune: disabled and tsdock/protect: \"true\" have a meaning.",
      "type": "object",
      "default": {},
      "additionalProperties": {
       "type": "string"
      },
      "x-change": "I",
      "x-since": "M1"
     },
     "uid": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "generation": {
      "description": "Written by the engine; ignored on input.",
      "type": "integer"
     },
     "set": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "createdAt": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "origin": {
      "description": "Written by the engine; ignored on input.",
      "type": "object"
     }
    }
   }
  }
 },
 "EngineConfig": {
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "EngineConfig.json",
  "title": "EngineConfig",
  "description": "Settings of the engine: one per host, named engine, only in /etc/tsdock/config.yaml.",
  "x-since": "M1",
  "type": "object",
  "required": [
   "apiVersion",
   "kind",
   "metadata"
  ],
  "additionalProperties": false,
  "properties": {
   "apiVersion": {
    "description": "Version of the form.",
    "type": "string",
    "enum": [
     "tsdock/v1"
    ]
   },
   "kind": {
    "description": "Kind of the object.",
    "type": "string",
    "enum": [
     "EngineConfig"
    ]
   },
   "metadata": {
    "$ref": "#/$defs/metadata"
   },
   "spec": {
    "$ref": "#/$defs/spec"
   },
   "status": {
    "description": "Written by the engine; ignored on input.",
    "type": "object"
   }
  },
  "$defs": {
   "spec": {
    "title": "EngineConfigSpec",
    "description": "Fields of a EngineConfig.",
    "type": "object",
    "properties": {
     "prefix": {
      "description": "Carried by every link, nft table, cgroup and mount, so that two engines can live side by side. One to eight of a-z and 0-9, a letter first.",
      "type": "string",
      "default": "tsdock",
      "x-change": "X",
      "x-since": "M1"
     },
     "reconcile": {
      "description": "The loop.",
      "type": "object",
      "properties": {
       "interval": {
        "description": "Pause between full looks.",
        "type": [
         "string",
         "number"
        ],
        "default": "30s",
        "x-type": "duration",
        "x-change": "I",
        "x-since": "M1",
        "x-canonical": "reconcile.intervalMs"
       },
       "parallel": {
        "description": "Actions at the same time.",
        "type": "integer",
        "default": 4,
        "x-change": "I",
        "x-since": "M2"
       }
      },
      "additionalProperties": false,
      "x-change": "I",
      "x-since": "M1"
     },
     "pools": {
      "description": "Where automatic subnets come from.",
      "type": "array",
      "default": [
       {
        "cidr": "10.88.0.0/14",
        "block": 24
       }
      ],
      "items": {
       "type": "object",
       "required": [
        "cidr",
        "block"
       ],
       "additionalProperties": false,
       "properties": {
        "cidr": {
         "description": "IPv4 network in CIDR form.",
         "type": "string",
         "x-change": "I",
         "x-since": "M1"
        },
        "block": {
         "description": "Prefix length of each subnet.",
         "type": "integer",
         "minimum": 8,
         "maximum": 29,
         "x-change": "I",
         "x-since": "M1"
        }
       }
      },
      "x-change": "I",
      "x-since": "M1"
     },
     "watch": {
      "description": "Directories that are watched: {dir, set, prune, recursive, vars, varFiles, maxDelete, onInvalid, onFailure, settle, statusFile}. Until then: daemon --watch DIR.",
      "type": "array",
      "x-change": "I",
      "x-since": "M2"
     },
     "firewall": {
      "description": "respect leaves rules of others alone, open opens them for published ports.",
      "type": "string",
      "enum": [
       "respect",
       "open"
      ],
      "default": "respect",
      "x-change": "I",
      "x-since": "M2"
     },
     "publish": {
      "description": "Defaults of published ports.",
      "type": "object",
      "properties": {
       "hostIP": {
        "description": "Address.",
        "type": "string",
        "default": "0.0.0.0",
        "x-change": "I",
        "x-since": "M2"
       },
       "exposure": {
        "description": "host, lan or world.",
        "type": "string",
        "default": "world",
        "x-change": "I",
        "x-since": "M2"
       }
      },
      "additionalProperties": false,
      "x-change": "I",
      "x-since": "M2"
     },
     "gc": {
      "description": "When unused images and old revisions go.",
      "type": "object",
      "properties": {
       "high": {
        "description": "Share of the state directory's disk in use above which the daemon removes images that nothing uses, the one that was not used for the longest time first.",
        "type": [
         "string",
         "number"
        ],
        "default": "85%",
        "x-type": "share",
        "x-change": "I",
        "x-canonical": "gc.high"
       },
       "low": {
        "description": "Share at which it ends; at most high.",
        "type": [
         "string",
         "number"
        ],
        "default": "75%",
        "x-type": "share",
        "x-change": "I",
        "x-canonical": "gc.low"
       },
       "minAge": {
        "description": "What was pulled or used within this time stays.",
        "type": [
         "string",
         "number"
        ],
        "default": "24h",
        "x-type": "duration",
        "x-change": "I",
        "x-canonical": "gc.minAgeMs"
       },
       "keepRevisions": {
        "description": "Revisions of each set that are kept, the present one included; their images stay.",
        "type": "integer",
        "minimum": 1,
        "default": 10,
        "x-change": "I"
       },
       "trash": {
        "description": "How long removed containers are kept.",
        "type": "string",
        "default": "24h",
        "x-type": "duration",
        "x-change": "I",
        "x-since": "M2"
       }
      },
      "additionalProperties": false,
      "x-change": "I"
     },
     "defaults": {
      "description": "Container fields put under every Container.",
      "type": "object",
      "x-change": "C",
      "x-since": "M2"
     },
     "runtimes": {
      "description": "Name to path of an OCI runtime.",
      "type": "object",
      "additionalProperties": {
       "type": "string"
      },
      "x-change": "C",
      "x-since": "M2"
     },
     "docker": {
      "description": "The Docker-compatible API.",
      "type": "object",
      "properties": {
       "enabled": {
        "description": "Serves it.",
        "type": "boolean",
        "default": false,
        "x-change": "I",
        "x-since": "M3"
       },
       "socket": {
        "description": "Path.",
        "type": "string",
        "x-change": "I",
        "x-since": "M3"
       },
       "group": {
        "description": "Group of the socket.",
        "type": "string",
        "x-change": "I",
        "x-since": "M3"
       }
      },
      "additionalProperties": false,
      "x-change": "I",
      "x-since": "M3"
     }
    },
    "additionalProperties": false
   },
   "metadata": {
    "title": "Metadata",
    "description": "Name, place and notes of an object.",
    "type": "object",
    "required": [
     "name"
    ],
    "additionalProperties": false,
    "properties": {
     "name": {
      "description": "Name: a-z, 0-9 and \"-\", at most 63.",
      "type": "string",
      "x-change": "X",
      "x-since": "M1"
     },
     "namespace": {
      "description": "Scope of names; appears on use.",
      "type": "string",
      "default": "default",
      "x-change": "X",
      "x-since": "M1"
     },
     "labels": {
      "description": "Marks to select by.",
      "type": "object",
      "default": {},
      "additionalProperties": {
       "type": "string"
      },
      "x-change": "I",
      "x-since": "M1"
     },
     "annotations": {
      "description": "Notes; tsdock/prune: disabled and tsdock/protect: \"true\" have a meaning.",
      "type": "object",
      "default": {},
      "additionalProperties": {
       "type": "string"
      },
      "x-change": "I",
      "x-since": "M1"
     },
     "uid": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "generation": {
      "description": "Written by the engine; ignored on input.",
      "type": "integer"
     },
     "set": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "createdAt": {
      "description": "Written by the engine; ignored on input.",
      "type": "string"
     },
     "origin": {
      "description": "Written by the engine; ignored on input.",
      "type": "object"
     }
    }
   }
  }
 }
};
