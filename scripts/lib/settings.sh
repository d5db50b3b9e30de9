# Sourced after common.sh, not run: reads settings as the service does, for scripts that need them before the start.
# shellcheck shell=bash

# service_link VALUE: whether Kubernetes set it, for a service of that name: SHORTWAVE_HTTP_PORT is one of a service
# shortwave-http. The service ignores such a value, and so do the scripts.
service_link() { [[ $1 =~ ^(tcp|udp|sctp)://[^/]+:[0-9]+$ ]]; }

# without_service_links: of lines NAME=VALUE those that are settings. What Kubernetes sets for a service "shortwave" has the
# prefix of the settings too.
without_service_links() { grep -vE '^[A-Z0-9_]+(_SERVICE_HOST|_SERVICE_PORT(_[A-Z0-9_]+)?|_PORT_[0-9]+_(TCP|UDP|SCTP)(_[A-Z]+)?)=|^[A-Z0-9_]+=(tcp|udp|sctp)://[^/]+:[0-9]+$' || true; }

# setting NAME DEFAULT FILE [ALIAS]...: prints the value of a setting a.b-c: of a system property in JAVA_OPTS, else of the
# environment, else of the file of settings. ALIAS are further environment variables with that meaning.
setting() {
  local name=$1 default=$2 file=$3 variable value word
  shift 3
  for word in ${JAVA_OPTS:-}; do
    [[ $word != "-Dshortwave.$name="* ]] || { printf '%s\n' "${word#*=}"; return; }
  done
  for variable in "SHORTWAVE_$(tr 'a-z.-' 'A-Z__' <<<"$name")" "$@"; do
    value=${!variable:-}
    [[ -z $value ]] || service_link "$value" || { printf '%s\n' "$value"; return; }
  done
  value=$(awk -v section="${name%%.*}" -v key="${name#*.}" '
    { sub(/[ \t]#.*/, "") }
    /^[^ #]/ { here = $0 ~ "^" section ":" }
    here && $0 ~ "^ +" key ":" { sub("^ +" key ": *", ""); gsub(/^"|" *$|^'"'"'|'"'"' *$/, ""); sub(/ +$/, ""); print; exit }' "$file" 2>/dev/null)
  printf '%s\n' "${value:-$default}"
}
