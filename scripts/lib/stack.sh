# Sourced after common.sh, not run; brings processes.sh and proxy.sh with it. A stack: what docker/compose.yaml
# describes, under the project name in STACK.
# shellcheck shell=bash

beside=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib/processes.sh
. "$beside/processes.sh"
# shellcheck source=scripts/lib/proxy.sh
. "$beside/proxy.sh"

REMEDY_DOCKER='https://docs.docker.com/engine/install/ has it with Compose'

# require_docker: with a Compose that may be asked for all that the scripts ask for.
require_docker() {
  local version
  command -v docker >/dev/null || die "needs docker: $REMEDY_DOCKER"
  version=$(docker compose version --short 2>/dev/null) || die "docker has no compose: $REMEDY_DOCKER"
  version=${version#v}
  [[ $version == 2.2[4-9].* || $version == 2.[3-9][0-9].* || $version == [3-9].* || $version == [1-9][0-9].* ]] ||
    die "needs Docker Compose 2.24 or newer, this is $version: $REMEDY_DOCKER"
  docker info >/dev/null 2>&1 || die 'the Docker engine does not answer: start it, or join the group that may use it'
}

stack() { docker compose --project-name "$STACK" --file "$ROOT/docker/compose.yaml" "$@"; }

# stack_do WHAT ARGUMENTS...: as stack, quietly; its output is only of interest if it fails.
stack_do() {
  local what=$1 output
  shift
  output=$(stack "$@" 2>&1 </dev/null) || { printf '%s\n' "$output" | tail -n 30 >&2; die "$what failed, see above"; }
}

# stack_containers SERVICE: ids, one a line, in the order of their numbers.
stack_containers() { stack ps -q "$1" | xargs -r docker inspect -f '{{index .Config.Labels "com.docker.compose.container-number"}} {{.Id}}' | sort -n | cut -d ' ' -f 2; }

# stack_port SERVICE PORT: where it is published.
stack_port() { stack port "$1" "$2" | sed 's/.*://'; }

# stack_await_up N: until HAProxy takes just so many JVMs for healthy.
stack_await_up() {
  local began=$SECONDS port
  port=$(stack_port haproxy 8404)
  until [[ $(proxy_servers_up "$port") == "$1" ]]; do
    ((SECONDS - began < 60)) || die "HAProxy has not $1 healthy JVMs after 60 s: docker compose -p $STACK logs app haproxy"
    sleep 0.2
  done
}

# stack_beside NAME: a stack that comes into the way of no other one: ports, a network, volumes and an image of its own. An
# address range that is taken already makes `up` fail, and says so.
stack_beside() {
  local port
  STACK=shortwave-$1-$$
  free_port
  export HTTP_BIND=127.0.0.1:$port
  free_port
  export STATS_BIND=127.0.0.1:$port
  export EDGE_NETWORK=172.30.$((81 + RANDOM % 170))
  # One name for all of them: a tag for each would keep old layers for ever.
  export APP_IMAGE=shortwave:beside
}

# stack_up INSTANCES SEEDS: builds, starts, and returns when all of it is healthy; SEEDS may be ''.
stack_up() {
  say 'building the image'
  COMMIT=$(source_commit) stack_do 'the build' build app
  [[ -n ${PROXY_MAXCONN:-} ]] || PROXY_MAXCONN=$(proxy_connections "$(stack run --rm --no-deps -T --entrypoint bash haproxy -c 'ulimit -Hn' 2>/dev/null)")
  export PROXY_MAXCONN
  say 'starting PostgreSQL and Redis'
  stack_do 'starting them' up -d --wait postgres redis
  if [[ -n $2 ]]; then
    say "loading $2"
    SEEDS=$2 stack_do 'loading' run --rm seeds
  fi
  say "starting $1 JVMs and HAProxy"
  # In a subshell, because why a container does not become healthy is in its own log.
  (stack_do 'starting them' up -d --wait --scale "app=$1" haproxy) ||
    { stack logs --no-color --tail 5 app haproxy >&2 || true; die 'the JVMs or HAProxy did not become healthy: what they said last is above'; }
  stack_await_up "$1"
}

# stack_replace CONTAINER: brings up a new JVM of the present image, then ends this one; leaves the new one's id in
# $replacement. If the new one does not become healthy, nothing has changed.
stack_replace() {
  local before count output
  before=$(stack_containers app)
  count=$(wc -l <<<"$before")
  output=$(stack up -d --wait --no-deps --no-build --no-recreate --scale "app=$((count + 1))" app 2>&1 </dev/null) || true
  replacement=$(stack_containers app | grep -vxF "$before") ||
    { printf '%s\n' "$output" | tail -n 10 >&2; die 'no new container came up, see above; the old ones serve on'; }
  if [[ $(docker inspect -f '{{.State.Health.Status}}' "$replacement") != healthy ]]; then
    docker logs --tail 20 "$replacement" >&2
    docker rm -f "$replacement" >/dev/null
    die 'the new JVM did not become ready, its last words are above; it was removed, and the old ones serve on'
  fi
  stack_await_up $((count + 1))
  # Its stop_grace_period is what it gets.
  docker stop "$1" >/dev/null
  docker rm "$1" >/dev/null
  stack_await_up "$count"
}

# stack_down: with its data.
stack_down() { stack --profile '*' down --volumes --remove-orphans --timeout 20 >/dev/null 2>&1 </dev/null || true; }

# stack_booked_clicks AT_LEAST SECONDS: as booked_clicks of load.sh, from within: PostgreSQL has no port outside.
stack_booked_clicks() {
  # shellcheck disable=SC2016  # the container's variables
  stack run --rm --no-deps -T --user "$(id -u):$(id -g)" --volume "$TOOLS:/tools:ro" --entrypoint bash app -c \
    'exec java -Xmx64m -cp "/tools:/opt/shortwave/lib/*" dev.shortwave.tools.database.BookedClicks "postgresql://$DATABASE_USER:$DATABASE_PASSWORD@$DATABASE_HOST:5432/$DATABASE_NAME" "$@"' \
    BookedClicks "$2" --at-least "$1" 2>/dev/null </dev/null
}

# stack_process CONTAINER: its first process as this machine sees it; fails where the engine is in a machine of its own,
# as Docker Desktop's is.
stack_process() {
  local id pid
  read -r id pid < <(docker inspect -f '{{.Id}} {{.State.Pid}}' "$1" 2>/dev/null) || return
  grep -qs "$id" "/proc/$pid/cgroup" || return
  echo "$pid"
}

# stack_watched FOLDER: writes what the resource sampler reads, in the form of a fleet's folder.
stack_watched() {
  local service container number=0
  echo "${STATS_BIND##*:}" >"$1/haproxy.stats"
  for service in haproxy postgres redis; do
    stack_process "$(stack_containers "$service")" >"$1/$service.pid" || rm -f "$1/$service.pid"
  done
  for container in $(stack_containers app); do
    number=$((number + 1))
    stack_process "$container" >"$1/app$number.pid" || { rm -f "$1/app$number.pid"; return; }
    # A container's own address can be reached where its processes can be seen.
    docker inspect -f "http://{{(index .NetworkSettings.Networks \"${STACK}_edge\").IPAddress}}:8080/metrics" "$container" >"$1/app$number.metrics"
  done
}

# stack_process_of CONTAINER ELSE: as stack_process, when it has begun to run; ELSE where it can't be seen.
stack_process_of() {
  local tries
  for ((tries = 0; tries < 100; tries++)); do
    if [[ $(docker inspect -f '{{.State.Running}}' "$1" 2>/dev/null) == true ]]; then
      stack_process "$1" && return
      break
    fi
    sleep 0.1
  done
  echo "$2"
}
