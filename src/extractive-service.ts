import { serve } from './adapters/serve.js';
import { createExtractiveService, type ExtractiveService } from './extractive/service.js';

export { serve };

/**
 * Starts the model service without a model at an address of this machine: for the demo and the end-to-end tests.
 *
 * @param options the service, and where: a port of 0, or none, is any that is free
 * @throws what the system says where it can not listen there, with its code (EADDRNOTAVAIL, EADDRINUSE)
 */
export function startModelService({
  host,
  port = 0,
  ...service
}: ExtractiveService & { host: string; port?: number }): ReturnType<typeof serve> {
  return serve(createExtractiveService(service), host, port);
}
