import { getProxyUrl } from '@actions/http-client/lib/proxy';
import { fetch as undiciFetch, ProxyAgent } from 'undici';

const agents = new Map<string, ProxyAgent>();

/**
 * fetch, through the proxy that the environment names for the URL (HTTPS_PROXY, HTTP_PROXY, NO_PROXY, as the runner reads
 * them). Node's own fetch knows none before version 24. A tunnel is made for http too: the proxy never sees the key of an
 * https service.
 */
export async function fetchByProxy(url: string | URL, init: RequestInit = {}): Promise<Response> {
  const proxy = getProxyUrl(new URL(url))?.href;
  if (proxy === undefined) return await fetch(url, init);
  const agent = agents.get(proxy) ?? new ProxyAgent(proxy);
  agents.set(proxy, agent);
  // undici's types are those of another version of the same interfaces
  const headers = Object.fromEntries(new Headers(init.headers));
  const request = { ...init, headers, dispatcher: agent } as Parameters<typeof undiciFetch>[1];
  const response: unknown = await undiciFetch(url, request);
  return response as Response;
}
