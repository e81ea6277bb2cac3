#!/usr/bin/env bash
# The deployment as a workflow does it by hand, one step after the other: kind create, helm install, kubectl wait. The
# benchmark's yardstick. Takes kind, kubectl and helm from PATH and the variables of `lab env`. Prints the seconds it took.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
name=by-hand-$$
kubeconfig=$(mktemp)
trap 'kind delete cluster --name "$name" --kubeconfig "$kubeconfig" >/dev/null 2>&1; rm -f "$kubeconfig"' EXIT
began=$(date +%s.%N)
kind create cluster --name "$name" --image "$NODE_IMAGE" --kubeconfig "$kubeconfig" >&2
export KUBECONFIG=$kubeconfig
kubectl apply -f - >&2 <<'YAML'
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: routes.route.openshift.io}
spec:
  group: route.openshift.io
  scope: Namespaced
  names: {kind: Route, plural: routes, singular: route, listKind: RouteList}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]
YAML
helm upgrade --install rag e2e/chart --namespace rag-e2e --create-namespace --values e2e/values.yaml --values - >&2 <<YAML
global: {models: {maas: {id: llama-3-2-3b, url: "$MAAS_ENDPOINT", apiToken: "'\${env.MAAS_API_KEY}'", enabled: true}}}
llama-stack: {secrets: {MAAS_API_KEY: "$MAAS_API_KEY"}}
YAML
kubectl wait --namespace rag-e2e --for=condition=Available deployment/llamastack --timeout=600s >&2
kubectl wait --namespace rag-e2e --for=condition=Available deployment/rag --timeout=300s >&2
ended=$(date +%s.%N)
awk -v a="$began" -v b="$ended" 'BEGIN { printf "%.1f\n", b - a }'
