#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: scripts/rolling-restart.sh [--folder DIR]
       scripts/rolling-restart.sh --compose [--project NAME] [--no-build]

Restarts the JVMs of a running scripts/fleet.sh one after the other, so that no
request is lost: each one first says that it is not ready, HAProxy sends no more
to it, it answers what it has in hand and books its clicks; the next one's turn
comes when it is ready again and back in HAProxy. One that had ended is started
before any other is stopped. If one does not come back, the others stay as they
are, and running this again starts with it.

With --compose, the JVMs of docker/compose.yaml: here a new container comes
first, and an old one goes when HAProxy takes the new one for healthy. If that
does not happen, the new one is removed and the old ones stay as they are.

  --folder DIR     the fleet's folder            (var/fleet)
  --compose        containers, not a fleet
  --project NAME   their Compose project         (shortwave)
  --no-build       with the image that is there, such as one of an earlier
                   release: APP_IMAGE=shortwave:1.4 scripts/rolling-restart.sh …
  --help           this text

Builds first (a fleet: if sources are newer than the last build), so this is a
deploy. What was in the environment when Compose brought the stack up must be
there again, or better in docker/.env.
TEXT
}

here=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib/fleet.sh
. "$here/lib/fleet.sh"
# shellcheck source=scripts/lib/stack.sh
. "$here/lib/stack.sh"

FLEET=$ROOT/var/fleet
STACK=shortwave
compose=
build=yes
while (($#)); do
  case $1 in
    --folder)
      (($# > 1)) || die '--folder needs a folder'
      FLEET=$(absolute "$2")
      shift
      ;;
    --compose) compose=yes ;;
    --project)
      (($# > 1)) || die '--project needs a name'
      STACK=$2 compose=yes
      shift
      ;;
    --no-build) build= ;;
    -h | --help) usage; exit 0 ;;
    *) die "unknown argument '$1' (try --help)" ;;
  esac
  shift
done

if [[ -n $compose ]]; then
  require_docker
  [[ -n $(stack_containers haproxy) && -n $(stack_containers app) ]] ||
    die "no stack named $STACK runs: docker compose -f docker/compose.yaml up -d --wait, or name its project"
  if [[ -n $build ]]; then
    say 'building the image'
    COMMIT=$(source_commit) stack_do 'the build' build app
  fi
  for container in $(stack_containers app); do
    began=$SECONDS
    stack_replace "$container"
    say "$(docker inspect -f '{{.Name}}' "$replacement" | tr -d /) in its place after $((SECONDS - began)) s"
  done
  exit
fi

[[ -n $build ]] || die '--no-build goes with --compose'
running "$(fleet_pid haproxy)" || die "no fleet runs in $FLEET: start one with scripts/fleet.sh, or name its folder"
(($(fleet_value instances) > 1)) || die 'with one JVM a restart is an outage; scripts/fleet.sh --instances 2 has two'

find_java
build_if_needed
fleet_prepare
fleet_settings app1 || die 'these settings would not start a JVM, so none was stopped'
dead=
for name in $(fleet_names); do
  running "$(fleet_pid "$name")" || dead+=" $name"
done
for name in $dead; do
  say "$name does not run: starting it before the others are stopped"
  fleet_launch "$name"
  fleet_await_ready "$name"
done
fleet_await_up || die 'no JVM was stopped, because the others would have to do for it'
for name in $(fleet_names); do
  [[ " $dead " != *" $name "* ]] || continue
  began=$SECONDS
  (fleet_restart "$name") || die "$name did not come back; the others run as they did. Fix what is reported above, and run this again"
  say "$name restarted in $((SECONDS - began)) s"
done
