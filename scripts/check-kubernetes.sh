#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/check-kubernetes.sh [VERSION]

Checks the files in docker/kubernetes against the schemas of Kubernetes VERSION
(default: 1.30.0), and rejects unknown fields. Needs
kubernetes-validate on the PATH, which includes the schemas:
pip install kubernetes-validate

Exit code: 0 if the files are valid, 1 if not.
TEXT
}

here=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib/common.sh
. "$here/lib/common.sh"

case ${1:-} in -h | --help) usage; exit 0 ;; esac
(($# <= 1)) || { usage >&2; exit 2; }
command -v kubernetes-validate >/dev/null || die 'there is no kubernetes-validate; pip install kubernetes-validate brings it'
exec kubernetes-validate --strict --kubernetes-version "${1:-1.30.0}" "$here"/../docker/kubernetes/*.yaml
