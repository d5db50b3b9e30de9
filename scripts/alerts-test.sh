#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/alerts-test.sh [--check] [--keep]

Does each failure raise its alert? Checks the configuration of Prometheus and Alertmanager, and
runs the unit tests of the rules. Then starts a fleet of two JVMs with HAProxy,
Prometheus and Alertmanager, causes each failure that there is an alert for, and
waits for the alert: PostgreSQL standing still, then killed until there is no
room for clicks, bytes of the journals overwritten, Redis killed, clicks that
PostgreSQL refuses, codes that no cache has, a JVM standing still, a full disk,
settings that are wrong, one JVM killed, all of them killed.

What must be known within a minute is timed from the failure to the message that
a webhook receives, with the intervals as they are shipped. The rest is waited
for in a second Prometheus, for which minutes last a second and hours a minute.
Ends all that it started.

  --check    only the configuration and the unit tests
  --keep     leave the folder
  --help     this text

Needs prometheus, promtool, alertmanager and amtool, besides what scripts/fleet.sh
needs: apt-get install prometheus prometheus-alertmanager, or
https://prometheus.io/download. A full disk needs the right to mount one.
TEXT
}

here=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib/fleet.sh
. "$here/lib/fleet.sh"
# shellcheck source=scripts/lib/load.sh
. "$here/lib/load.sh"
# shellcheck source=scripts/lib/faults.sh
. "$here/lib/faults.sh"
# shellcheck source=scripts/lib/alerts.sh
. "$here/lib/alerts.sh"

readonly REMEDY='apt-get install prometheus prometheus-alertmanager, or https://prometheus.io/download'

check=
keep=
while (($#)); do
  case $1 in
    --check) check=yes ;;
    *) keep_or_help "$1" ;;
  esac
  shift
done

promtool=$(find_tool promtool "$REMEDY")
amtool=$(find_tool amtool "$REMEDY")
FLEET=$(mktemp -d)
mounted=

# shellcheck disable=SC2317  # called by the trap
clean_up() {
  local code=$? name load
  trap - EXIT
  trap '' INT TERM HUP
  touch "$FLEET/stop"
  for load in ${loads[@]+"${loads[@]}"}; do ! running "$load" || kill -TERM "$load" 2>/dev/null || true; done
  faults_end
  for name in shipped hurried alertmanager receiver; do fleet_end "$name" 10; done
  fleet_stop
  [[ -z $mounted ]] || umount "$mounted" || true
  if [[ -n $keep ]]; then say "left $FLEET"; else rm -rf "$FLEET"; fi
  exit "$code"
}
clean_up_at_end

fail() { die "FAILED: $*"; }

# quietly COMMAND...: its output only if it fails.
quietly() { "$@" >"$FLEET/output" 2>&1 || { cat "$FLEET/output" >&2; fail "$*"; }; }

say 'configuration and unit tests'
for file in prometheus.yaml local.yaml; do quietly "$promtool" check config "$OBSERVABILITY/prometheus/$file"; done
for file in alerts_test.yaml objectives_test.yaml; do quietly "$promtool" test rules "$OBSERVABILITY/prometheus/$file"; done
all_receivers=(SLACK_WEBHOOK_URL=https://hooks.slack.com/services/a DISCORD_WEBHOOK_URL=https://discord.com/api/webhooks/1/a
  'ALERT_EMAIL_TO=a@fernhill.example,b@fernhill.example' ALERT_EMAIL_FROM=c@fernhill.example SMTP_HOST=mail.fernhill.example:587
  "SMTP_PASSWORD=it's \"\$this\"" ALERT_WEBHOOK_URL=https://fernhill.example/ RUNBOOKS_URL=https://fernhill.example/)
for receivers in "${#all_receivers[@]}" 0; do
  env "${all_receivers[@]:0:receivers}" "$OBSERVABILITY/alertmanager/start" --check >"$FLEET/alertmanager.yaml"
  quietly "$amtool" check-config "$FLEET/alertmanager.yaml"
done
[[ -z $check ]] || exit 0

find_java
fleet_tools 2
prometheus=$(find_tool prometheus "$REMEDY")
ALERTMANAGER=$(tool alertmanager || find_tool prometheus-alertmanager "$REMEDY")
export ALERTMANAGER
build_tools_if_needed

# A disk that can be filled.
mkdir "$FLEET/clicks"
if [[ $(id -u) == 0 ]] && mount -t tmpfs -o size=32m shortwave-alerts "$FLEET/clicks" 2>/dev/null; then
  mounted=$FLEET/clicks
else
  say 'JournalDiskFilling is left out: this needs the right to mount a disk'
fi

# The smallest journal, so that it can be filled; a port that PostgreSQL has again after its end.
free_port
export SHORTWAVE_CLICKS_MAX_JOURNAL_SIZE=1MiB SHORTWAVE_VERTICLES_HTTP_INSTANCES=2 SHORTWAVE_EMBEDDED_PORT=$port
# Settings that can be edited.
FLEET_SETTINGS=$FLEET/shortwave.yaml
cp "$ROOT/conf/shortwave.yaml" "$FLEET_SETTINGS"
fleet_start 2 0 "$ROOT/seeds"
fetch_codes "$(fleet_url)" >"$FLEET/codes"

awk 'BEGIN { for (i = 0; i < 50000; i++) printf "none%05d\n", i }' >"$FLEET/unknown"
proxy_port=$(fleet_value haproxy.port)
start_observers

say "HAProxy's own names"
fleet_get "http://127.0.0.1:$(fleet_value haproxy.stats)/metrics" | grep -o '^haproxy_[a-z0-9_]*' | sort -u >"$FLEET/haproxy-names"
grep -oh 'haproxy_[a-z0-9_]*' "$OBSERVABILITY/prometheus/alerts/shortwave.yaml" "$OBSERVABILITY"/grafana/dashboards/*.json |
  sort -u | comm -23 - "$FLEET/haproxy-names" >"$FLEET/unknown-names"
[[ ! -s $FLEET/unknown-names ]] || fail "HAProxy has no $(tr '\n' ' ' <"$FLEET/unknown-names")"

# Both observe first that all is well.
sleep 12
! grep ' firing ' "$FLEET/receiver.log" || fail 'there was a message although all is well, see above'

say 'PostgreSQL stands still'
# There is no load before and after it, so that fast answers do not outnumber the slow ones.
faults_pause 6 &
pause=$!
sleep 1
load "$proxy_port" "$FLEET/unknown" 100
sleep 3
end_loads
wait "$pause"
await_fires RedirectLatencySLOBurn 20

say 'PostgreSQL is killed, under load'
load "$proxy_port" "$FLEET/codes" 10
load "$proxy_port" "$FLEET/unknown" 2
since=$(date +%s)
kill_postgres
await_fires HighErrorRate 30
await_message DatabaseDown "$since"
await_fires ClickJournalFilling 60
await_fires ClicksDropped 60

say 'Redis is killed'
since=$(date +%s)
fleet_end redis 5 KILL
await_message RedisDown "$since"
await_fires ClickBacklogHigh 90
end_loads
say 'bytes of the journals are overwritten'
damage_journals
fleet_start_postgres
fleet_start_redis
for name in app1 app2; do fleet_await "$name" 60 database_is_back "$name"; done

await_fires JournalCorrupt 60

say 'PostgreSQL refuses clicks'
sql "ALTER TABLE events ADD CONSTRAINT no_clicks CHECK (event_type <> 'click') NOT VALID"
load "$proxy_port" "$FLEET/codes" 1
await_fires ClicksRejected 60
end_loads
sql 'ALTER TABLE events DROP CONSTRAINT no_clicks'

say 'clicks cannot be booked'
sql 'ALTER TABLE click_checkpoints RENAME TO away'
load "$proxy_port" "$FLEET/codes" 1
await_fires BookingFailing 110
end_loads
sql 'ALTER TABLE away RENAME TO click_checkpoints'

say 'codes that no cache has'
# One user: the next one would find in a cache what this one has asked for.
load "$proxy_port" "$FLEET/unknown" 1
await_fires CacheMissRatioHigh 40
end_loads

say 'a JVM stands still'
kill -STOP "$(fleet_pid app2)"
sleep 3
kill -CONT "$(fleet_pid app2)"
await_fires EventLoopBlocked 20

if [[ -n $mounted ]]; then
  say 'the disk of the journals is full'
  dd if=/dev/zero of="$mounted/full" bs=1M count=32 2>/dev/null || true
  await_fires JournalDiskFilling 20
  rm "$mounted/full"
fi

say 'the settings are wrong'
echo 'no-such-setting: 1' >>"$FLEET_SETTINGS"
await_fires ConfigReloadFailed 30
cp "$ROOT/conf/shortwave.yaml" "$FLEET_SETTINGS"

say 'one JVM is killed'
since=$(date +%s)
kill -KILL "$(fleet_pid app1)"
await_message InstanceDown "$since"

say 'all JVMs are killed'
since=$(date +%s)
kill -KILL "$(fleet_pid app2)"
await_message ShortwaveDown "$since"

missing=$(sed -n 's/.*- alert: //p' "$OBSERVABILITY/prometheus/alerts/shortwave.yaml" | sort -u |
  { if [[ -n $mounted ]]; then cat; else grep -v JournalDiskFilling; fi; } | comm -23 - <(printf '%s\n' "${caused[@]}" | sort -u))
[[ -z $missing ]] || fail "nothing caused $missing"
say "all well: $(printf '%s\n' "${caused[@]}" | sort -u | wc -l | tr -d ' ') alerts in $SECONDS s"
