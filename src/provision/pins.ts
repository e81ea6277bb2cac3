/**
 * SHA-256 digests of official releases, by version and platform. For helm it is the digest of the tarball.
 * They were taken from public repositories that pin the same files (sigs.k8s.io/kind, cert-manager/makefile-modules,
 * kubespray, argo-cd, hermit-packages); docs/pins.md tells which were checked against real bytes.
 */
export type Tool = 'kind' | 'kubectl' | 'helm';

export const DEFAULT_KIND = '0.32.0';
/** The node image that the kind release names for itself: https://github.com/kubernetes-sigs/kind/releases */
export const DEFAULT_NODE_IMAGE =
  'kindest/node:v1.36.1@sha256:3489c7674813ba5d8b1a9977baea8a6e553784dab7b84759d1014dbd78f7ebd5';

export const PINS: Record<Tool, Record<string, Record<string, string>>> = {
  kind: {
    [DEFAULT_KIND]: {
      'linux/amd64': '50030de23cf40a18505f20426f6a8506bedf13c6e509244bd1fa9463721b0f54',
      'linux/arm64': 'b92cd615e97585de8ddade28ed5cd7feb4248d717c233eea5b03c37298900f5d',
      'darwin/amd64': '295ac6d0d634c9819c9907df45e3017d1f13166bd13c3404c45e79f7faa47498',
      'darwin/arm64': 'dca67911095a110c2b5c36e26df6cac860c602033e456c0db47be498cdef1ebb',
    },
  },
  kubectl: {
    '1.36.4': {
      'linux/amd64': '8b8f088da2dab964f853b38464033b1be15ede2839eca751482357c45abdd05a',
      'linux/arm64': '0ecf44450ee6063bf19dd166a103ee6df4a9034455c2abce626e6eea657d73fb',
      'darwin/amd64': '71a3aa7c2ee2c974d9fbb462cba0c5c04a4df2e8d85eee94714fd819ea3c4e63',
      'darwin/arm64': 'c9e4f713d6fee0043a3d835cca13077cda2bc0973840eb9779360df0b5bdfc69',
    },
    '1.34.5': {
      'linux/amd64': '6a17dd8387783b3144a65535e38d02c351027e9718ea34a6c360476cb26d28bb',
      'linux/arm64': '2d433b53b99ea532f877df6fa5044286e3950d4933967ac3d99262760bc649fd',
      'darwin/amd64': '61ccfd05992fcc1135818d25691e55997155e914c98b704df7ddd542339a93cb',
      'darwin/arm64': '0c0b575db594e0f8842aa44e5d36b224bb9f8bf4b92cd34c0547d29b61a0277f',
    },
  },
  helm: {
    '4.2.4': {
      'linux/amd64': 'c306b46f719b0a4da32d0f78ee21bf90ce8d602f15b22ab753f0674d1670a7f3',
      'linux/arm64': '564de2191b881e9f71b5606b25345821ea1682f06ab90499d3ab22b530176da1',
      'darwin/amd64': '6c163d687ca03c3b5c01928e53bbbcf9518278f47ce7a2f249a5a08e8bdaa2bc',
      'darwin/arm64': 'd747eb4e28bd2727173d15b759fa0a17822291ec09db7ced3d55af290a3661a2',
    },
  },
};
