import { modelsOverlay, modelKeyFor, takesModels } from './llama-stack.js';
import { leadsToService } from './placeholders.js';
import { leadsTo } from './shown.js';
import type { ChartToWire, WiredService, Wiring } from './wiring.js';

/** Name of the gateway's objects, which is also its host, and its port. */
const NAME = 'maas-gateway';
const PORT = 8080;
/** What the chart has in place of the key: it opens nothing. Some clients want the prefix. */
const DUMMY_KEY = 'sk-opens-nothing';
const LABELS = { 'app.kubernetes.io/name': NAME, 'app.kubernetes.io/managed-by': 'maas-e2e-action' };

/**
 * For charts that write the key into a ConfigMap or a command: a small reverse proxy in the namespace holds the Secret and adds
 * the header. The chart gets the proxy's address and a key that opens nothing.
 */
export const gateway: Wiring = {
  name: 'gateway',
  suits: () => undefined,
  seenByChart: (service) => ({ ...service, baseUrl: `http://${NAME}:${PORT}/v1`, apiKey: DUMMY_KEY }),
  objection: (objects, seen, chart) =>
    leadsTo(seen, objects, chart) ? undefined : 'nothing that the chart renders leads to the gateway',
  modelKey: (chart, model) => (isByModels(chart) ? modelKeyFor(model, chart.chart, chart.values) : ''),
  wire: (service, chart) => ({
    overlay: isByModels(chart)
      ? modelsOverlay(
          { id: service.model, url: `http://${NAME}:${PORT}/v1`, apiToken: DUMMY_KEY },
          chart.chart,
          chart.values,
        )
      : {},
    objects: gatewayObjects(service, chart),
  }),
};

/** A chart of a Llama Stack gets the model where it takes models, unless the values say where the address belongs. */
function isByModels({ placeholders, values, chart }: ChartToWire): boolean {
  return !placeholders.some(leadsToService) && takesModels(chart, values);
}

function gatewayObjects(service: WiredService, { namespace, gatewayImage }: ChartToWire): object[] {
  const metadata = { namespace, name: NAME, labels: LABELS };
  return [
    { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', stringData: { 'api-key': service.apiKey } },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      data: { 'caddy.json': JSON.stringify(configuration(service.baseUrl)) },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: { 'app.kubernetes.io/name': NAME }, ports: [{ name: 'http', port: PORT, targetPort: PORT }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 1,
        selector: { matchLabels: { 'app.kubernetes.io/name': NAME } },
        template: { metadata: { labels: LABELS }, spec: podSpec(gatewayImage) },
      },
    },
  ];
}

function podSpec(image: string): object {
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: { runAsNonRoot: true, runAsUser: 1001, seccompProfile: { type: 'RuntimeDefault' } },
    volumes: [{ name: 'config', configMap: { name: NAME } }],
    containers: [
      {
        name: 'gateway',
        image,
        command: ['caddy', 'run', '--config', '/etc/maas-gateway/caddy.json'],
        env: [
          { name: 'MAAS_API_KEY', valueFrom: { secretKeyRef: { name: NAME, key: 'api-key' } } },
          { name: 'HOME', value: '/tmp' },
        ],
        ports: [{ containerPort: PORT }],
        readinessProbe: { httpGet: { path: '/healthz', port: PORT }, periodSeconds: 1 },
        resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '256Mi' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          // the image's program has this as a file capability, and is not started where it can not be had
          capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
        },
        volumeMounts: [{ name: 'config', mountPath: '/etc/maas-gateway' }],
      },
    ],
  };
}

/**
 * The configuration of Caddy, as JSON, in which no character of an address has a meaning: https://caddyserver.com/docs/json/
 * {env.…} is read for each request, and what it holds is not read again, so that any key arrives byte for byte.
 */
function configuration(baseUrl: string): object {
  const { host, hostname, port, protocol, pathname } = new URL(baseUrl);
  const isTls = protocol === 'https:';
  const headers = { set: { Host: [host], Authorization: ['Bearer {env.MAAS_API_KEY}'] }, delete: ['X-Forwarded-*'] };
  const proxy = {
    handler: 'reverse_proxy',
    upstreams: [{ dial: `${hostname}:${port || (isTls ? '443' : '80')}` }],
    transport: { protocol: 'http', ...(isTls && { tls: {} }) },
    headers: { request: headers },
    flush_interval: -1, // a streamed answer is handed on as it comes
  };
  // a rewrite undoes the escapes in a path: a model's name may have a slash
  const rewrites = [
    { handler: 'rewrite', strip_path_prefix: '/v1' },
    { handler: 'rewrite', uri: `${pathname}{http.request.uri}` },
  ];
  const toService = [...(pathname === '/v1' ? [] : rewrites), proxy];
  const routes = [
    { match: [{ path: ['/healthz'] }], handle: [{ handler: 'static_response', status_code: 200 }], terminal: true },
    { match: [{ path: ['/v1/*'] }], handle: toService, terminal: true },
    { handle: [{ handler: 'static_response', status_code: 404 }] },
  ];
  const server = { listen: [`:${PORT}`], automatic_https: { disable: true }, routes };
  return { admin: { disabled: true, config: { persist: false } }, apps: { http: { servers: { gateway: server } } } };
}
