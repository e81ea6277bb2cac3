import { describe, expect, it } from 'vitest';
import { at, items } from '../../src/json.js';
import { compose } from '../../src/wiring/compose.js';
import { gateway } from '../../src/wiring/gateway.js';
import { givenChart, SERVICE } from '../helpers/wiring.js';

describe('the pod of the gateway', () => {
  const { objects } = compose(gateway, SERVICE, givenChart());
  const deployment = objects.find((object) => at(object, 'kind') === 'Deployment');
  const pod = at(deployment, 'spec', 'template', 'spec');
  const [container] = items(at(pod, 'containers'));

  it('keeps to the restricted Pod Security Standard, but for what the image needs to be started', () => {
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1001, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(at(container, 'securityContext')).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
    });
  });

  it('is ready when Caddy answers, and has a home that is not in the image', () => {
    expect(at(container, 'readinessProbe', 'httpGet')).toEqual({ path: '/healthz', port: 8080 });
    expect(at(container, 'env')).toContainEqual({ name: 'HOME', value: '/tmp' });
  });
});
