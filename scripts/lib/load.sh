# Sourced after fleet.sh, not run: what programs that load a fleet share.
# shellcheck shell=bash

# Where the programs of scripts/tier are compiled to.
TOOLS=$ROOT/target/tier

compile_tools() {
  mkdir -p "$TOOLS"
  "${JAVA%java}javac" -d "$TOOLS" "$ROOT"/scripts/tier/*.java
}

# fetch_codes URL: all codes that redirect, as the service itself lists them.
fetch_codes() {
  local after=0 page
  while :; do
    page=$(curl -sf -m 20 "$1/urls?is_active=true&after=$after&limit=500") || die "$1/urls does not answer as Shortwave would"
    [[ $page != '[]' ]] || break
    grep -o '"short_code":"[^"]*"' <<<"$page" | cut -d '"' -f 4
    after=$(grep -o '"id":[0-9]*' <<<"$page" | tail -n 1 | cut -d : -f 2)
  done
}

# booked_clicks AT_LEAST SECONDS: prints the events and the counters of the fleet's database; waits for that many.
booked_clicks() {
  "$JAVA" -cp "$TOOLS:$(echo "$ROOT"/target/lib/postgresql-*.jar)" BookedClicks "$(fleet_value database-url)" "$@"
}
