/**
 * Address of this machine on docker's default bridge, from what `docker network inspect bridge` prints: pods of a Kind
 * cluster reach it. Older engines do not list the gateway: it is the subnet's first address.
 */
export function bridgeAddress(inspected) {
  const { Gateway: gateway, Subnet: subnet = '' } = JSON.parse(inspected)[0]?.IPAM?.Config?.[0] ?? {};
  return gateway || subnet.replace(/(\d+)\/\d+$/, (_, last) => String(Number(last) + 1));
}
