/**
 * The part of the Container Runtime Interface, version v1, that the driver uses: names and numbers
 * as in `pkg/apis/runtime/v1/api.proto` of k8s.io/cri-api v0.37.2. Fields that are left out here are
 * skipped when read, as protocol buffers do with fields they do not know.
 */
import {
  bool,
  bytes,
  type Decoded,
  define,
  defineEnum,
  int32,
  int64,
  jsonSchema,
  type Method,
  message,
  messages,
  method,
  oneOf,
  type Partially,
  text,
  textMap,
  texts,
  uint32,
  uint64,
} from './schema.ts';

const SandboxState = defineEnum('PodSandboxState', ['SANDBOX_READY', 'SANDBOX_NOTREADY']);
const ContainerState = defineEnum('ContainerState', [
  'CONTAINER_CREATED',
  'CONTAINER_RUNNING',
  'CONTAINER_EXITED',
  'CONTAINER_UNKNOWN',
]);
const ContainerEventType = defineEnum('ContainerEventType', [
  'CONTAINER_CREATED_EVENT',
  'CONTAINER_STARTED_EVENT',
  'CONTAINER_STOPPED_EVENT',
  'CONTAINER_DELETED_EVENT',
]);

const Empty = define('Empty', {});
const UInt64Value = define('UInt64Value', { value: uint64(1) });
const ImageSpec = define('ImageSpec', { image: text(1) });

// sandboxes
const SandboxMetadata = define('PodSandboxMetadata', {
  name: text(1),
  uid: text(2),
  namespace: text(3),
  attempt: uint32(4),
});
const LinuxSandboxConfig = define('LinuxPodSandboxConfig', { cgroup_parent: text(1) });
const SandboxConfig = define('PodSandboxConfig', {
  metadata: message(1, SandboxMetadata),
  hostname: text(2),
  log_directory: text(3),
  labels: textMap(6),
  annotations: textMap(7),
  linux: message(8, LinuxSandboxConfig),
});
const RunSandbox = define('RunPodSandboxRequest', {
  config: message(1, SandboxConfig),
  runtime_handler: text(2),
});
const SandboxRan = define('RunPodSandboxResponse', { pod_sandbox_id: text(1) });
/** Stop, remove and status of a sandbox have the same only field. */
const SandboxId = define('PodSandboxId', { pod_sandbox_id: text(1) });
const PodIp = define('PodIP', { ip: text(1) });
const SandboxNetwork = define('PodSandboxNetworkStatus', {
  ip: text(1),
  additional: messages(2, PodIp),
});
const SandboxStatus = define('PodSandboxStatus', {
  id: text(1),
  state: oneOf(3, SandboxState),
  network: message(5, SandboxNetwork),
  runtime_handler: text(9),
});
const SandboxStatusResponse = define('PodSandboxStatusResponse', {
  status: message(1, SandboxStatus),
});
const Sandbox = define('PodSandbox', {
  id: text(1),
  metadata: message(2, SandboxMetadata),
  state: oneOf(3, SandboxState),
  created_at: int64(4),
  annotations: textMap(6),
  runtime_handler: text(7),
});
const Sandboxes = define('ListPodSandboxResponse', { items: messages(1, Sandbox) });

// containers
const Resources = define('LinuxContainerResources', {
  cpu_period: int64(1),
  cpu_quota: int64(2),
  cpu_shares: int64(3),
  memory_limit_in_bytes: int64(4),
});
const LinuxContainerConfig = define('LinuxContainerConfig', { resources: message(1, Resources) });
const KeyValue = define('KeyValue', { key: text(1), value: bytes(2) });
const ContainerMetadata = define('ContainerMetadata', { name: text(1), attempt: uint32(2) });
const ContainerConfig = define('ContainerConfig', {
  metadata: message(1, ContainerMetadata),
  image: message(2, ImageSpec),
  command: texts(3),
  args: texts(4),
  working_dir: text(5),
  envs: messages(6, KeyValue),
  labels: textMap(9),
  log_path: text(11),
  linux: message(15, LinuxContainerConfig),
});
const CreateContainer = define('CreateContainerRequest', {
  pod_sandbox_id: text(1),
  config: message(2, ContainerConfig),
  sandbox_config: message(3, SandboxConfig),
});
/** Start, remove, status and statistics of a container have the same only field. */
const ContainerId = define('ContainerId', { container_id: text(1) });
const StopContainer = define('StopContainerRequest', { container_id: text(1), timeout: int64(2) });
const UpdateContainer = define('UpdateContainerResourcesRequest', {
  container_id: text(1),
  linux: message(2, Resources),
});
const Container = define('Container', {
  id: text(1),
  pod_sandbox_id: text(2),
  metadata: message(3, ContainerMetadata),
  image: message(4, ImageSpec),
  state: oneOf(6, ContainerState),
  created_at: int64(7),
});
const Containers = define('ListContainersResponse', { containers: messages(1, Container) });
const ContainerStatus = define('ContainerStatus', {
  id: text(1),
  state: oneOf(3, ContainerState),
  exit_code: int32(7),
  reason: text(10),
});
const ContainerStatusResponse = define('ContainerStatusResponse', {
  status: message(1, ContainerStatus),
});
const ExecSync = define('ExecSyncRequest', {
  container_id: text(1),
  cmd: texts(2),
  timeout: int64(3),
});
const ExecSynced = define('ExecSyncResponse', {
  stdout: bytes(1),
  stderr: bytes(2),
  exit_code: int32(3),
});

// statistics
const CpuUsage = define('CpuUsage', { usage_core_nano_seconds: message(2, UInt64Value) });
const MemoryUsage = define('MemoryUsage', { working_set_bytes: message(2, UInt64Value) });
const FilesystemUsage = define('FilesystemUsage', { used_bytes: message(3, UInt64Value) });
const ContainerStats = define('ContainerStats', {
  cpu: message(2, CpuUsage),
  memory: message(3, MemoryUsage),
  writable_layer: message(4, FilesystemUsage),
});
const ContainerStatsResponse = define('ContainerStatsResponse', {
  stats: message(1, ContainerStats),
});

// events
const ContainerEvent = define('ContainerEventResponse', {
  container_id: text(1),
  container_event_type: oneOf(2, ContainerEventType),
});

// images
const Image = define('Image', {
  id: text(1),
  repo_tags: texts(2),
  repo_digests: texts(3),
  size: uint64(4),
});
const Images = define('ListImagesResponse', { images: messages(1, Image) });
/** Status and removal of an image have the same field. */
const ImageRequest = define('ImageRequest', { image: message(1, ImageSpec) });
const ImageStatus = define('ImageStatusResponse', { image: message(1, Image) });
const AuthConfig = define('AuthConfig', {
  username: text(1),
  password: text(2),
  registry_token: text(6),
});
const PullImage = define('PullImageRequest', {
  image: message(1, ImageSpec),
  auth: message(2, AuthConfig),
});
const ImagePulled = define('PullImageResponse', { image_ref: text(1) });

// the runtime itself
const VersionRequest = define('VersionRequest', { version: text(1) });
const Version = define('VersionResponse', {
  version: text(1),
  runtime_name: text(2),
  runtime_version: text(3),
  runtime_api_version: text(4),
});
const Condition = define('RuntimeCondition', {
  type: text(1),
  status: bool(2),
  reason: text(3),
  message: text(4),
});
const RuntimeStatus = define('RuntimeStatus', { conditions: messages(1, Condition) });
const Handler = define('RuntimeHandler', { name: text(1) });
const StatusRequest = define('StatusRequest', { verbose: bool(1) });
const Status = define('StatusResponse', {
  status: message(1, RuntimeStatus),
  info: textMap(2),
  runtime_handlers: messages(3, Handler),
});

const TYPES = [
  ...[SandboxState, ContainerState, ContainerEventType, Empty, UInt64Value, ImageSpec],
  ...[SandboxMetadata, LinuxSandboxConfig, SandboxConfig, RunSandbox, SandboxRan, SandboxId],
  ...[PodIp, SandboxNetwork, SandboxStatus, SandboxStatusResponse, Sandbox, Sandboxes],
  ...[Resources, LinuxContainerConfig, KeyValue, ContainerMetadata, ContainerConfig],
  ...[CreateContainer, ContainerId, StopContainer, UpdateContainer, Container, Containers],
  ...[ContainerStatus, ContainerStatusResponse, ExecSync, ExecSynced],
  ...[CpuUsage, MemoryUsage, FilesystemUsage, ContainerStats, ContainerStatsResponse],
  ...[ContainerEvent, Image, Images, ImageRequest, ImageStatus, AuthConfig, PullImage, ImagePulled],
  ...[VersionRequest, Version, Condition, RuntimeStatus, Handler, StatusRequest, Status],
];

/** The service `RuntimeService`. */
export const RUNTIME_METHODS = {
  Version: method(VersionRequest, Version),
  Status: method(StatusRequest, Status),
  RunPodSandbox: method(RunSandbox, SandboxRan),
  StopPodSandbox: method(SandboxId, Empty),
  RemovePodSandbox: method(SandboxId, Empty),
  PodSandboxStatus: method(SandboxId, SandboxStatusResponse),
  ListPodSandbox: method(Empty, Sandboxes),
  CreateContainer: method(CreateContainer, ContainerId),
  StartContainer: method(ContainerId, Empty),
  StopContainer: method(StopContainer, Empty),
  RemoveContainer: method(ContainerId, Empty),
  ListContainers: method(Empty, Containers),
  ContainerStatus: method(ContainerId, ContainerStatusResponse),
  UpdateContainerResources: method(UpdateContainer, Empty),
  ExecSync: method(ExecSync, ExecSynced),
  ContainerStats: method(ContainerId, ContainerStatsResponse),
  GetContainerEvents: method(Empty, ContainerEvent, true),
} as const;

/** The service `ImageService`. */
export const IMAGE_METHODS = {
  ListImages: method(Empty, Images),
  ImageStatus: method(ImageRequest, ImageStatus),
  PullImage: method(PullImage, ImagePulled),
  RemoveImage: method(ImageRequest, Empty),
} as const;

export const METHODS = { ...RUNTIME_METHODS, ...IMAGE_METHODS };
export type MethodName = keyof typeof METHODS;

type FieldsOf<N extends MethodName, Side extends 'request' | 'response'> =
  (typeof METHODS)[N] extends Method<infer Q, infer R> ? (Side extends 'request' ? Q : R) : never;

export type Request<N extends MethodName> = Partially<Decoded<FieldsOf<N, 'request'>>>;
export type Response<N extends MethodName> = Decoded<FieldsOf<N, 'response'>>;

export type SandboxMessage = Decoded<typeof Sandbox.fields>;
export type ContainerMessage = Decoded<typeof Container.fields>;
export type ContainerStatusMessage = Decoded<typeof ContainerStatus.fields>;
export type ImageMessage = Decoded<typeof Image.fields>;

export const PACKAGE = 'runtime.v1';

/** The schema for proto-loader. */
export const CRI_SCHEMA = jsonSchema(
  PACKAGE,
  { RuntimeService: RUNTIME_METHODS, ImageService: IMAGE_METHODS },
  TYPES,
);
