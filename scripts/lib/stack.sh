# Sourced after common.sh, not run; brings processes.sh and proxy.sh with it. A stack: what docker/compose.yaml
# describes, under the project name in STACK.
# shellcheck shell=bash

beside=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/lib/processes.sh
. "$beside/processes.sh"
# shellcheck source=scripts/lib/proxy.sh
. "$beside/proxy.sh"

REMEDY_DOCKER='https://docs.docker.com/engine/install/ has it with Compose'

# require_docker: fails without a Docker Compose that has the options that the scripts use.
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

# stack_do WHAT ARGUMENTS...: as stack; prints its output only if it fails.
stack_do() {
  local what=$1 output
  shift
  output=$(stack "$@" 2>&1 </dev/null) || { printf '%s\n' "$output" | tail -n 30 >&2; die "$what failed, see above"; }
}

# stack_containers SERVICE: ids, one a line, in the order of their numbers.
stack_containers() { stack ps -q "$1" | xargs -r docker inspect -f '{{index .Config.Labels "com.docker.compose.container-number"}} {{.Id}}' | sort -n | cut -d ' ' -f 2; }

# stack_port SERVICE PORT: where it is published.
stack_port() { stack port "$1" "$2" | sed 's/.*://'; }

# stack_await_up N: waits until exactly N JVMs are UP in HAProxy.
stack_await_up() {
  local began=$SECONDS port
  port=$(stack_port haproxy 8404)
  until [[ $(proxy_servers_up "$port") == "$1" ]]; do
    ((SECONDS - began < 60)) || die "HAProxy has not $1 healthy JVMs after 60 s: docker compose -p $STACK logs app haproxy"
    sleep 0.2
  done
}

# stack_beside NAME: isolates the stack from others: separate ports, network, volumes and image. `up` fails with a message if
# the address range is in use.
stack_beside() {
  local port
  STACK=shortwave-$1-$$
  free_port
  export HTTP_BIND=127.0.0.1:$port
  free_port
  export STATS_BIND=127.0.0.1:$port
  export EDGE_NETWORK=172.30.$((81 + RANDOM % 170))
  # One tag for all stacks: a tag for each would keep old layers for ever.
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
  # In a subshell, to print the logs of a container that does not become healthy.
  (stack_do 'starting them' up -d --wait --scale "app=$1" haproxy) ||
    { stack logs --no-color --tail 5 app haproxy >&2 || true; die 'the JVMs or HAProxy did not become healthy: the end of their logs is above'; }
  stack_await_up "$1"
}

# stack_replace CONTAINER: brings up a new JVM of the present image, then ends this one; leaves the new one's id in
# $replacement. If the new one does not become healthy, nothing changes.
stack_replace() {
  local before count output
  before=$(stack_containers app)
  count=$(wc -l <<<"$before")
  output=$(stack up -d --wait --no-deps --no-build --no-recreate --scale "app=$((count + 1))" app 2>&1 </dev/null) || true
  replacement=$(stack_containers app | grep -vxF "$before") ||
    { printf '%s\n' "$output" | tail -n 10 >&2; die 'no new container started, see above; the old ones keep serving'; }
  if [[ $(docker inspect -f '{{.State.Health.Status}}' "$replacement") != healthy ]]; then
    docker logs --tail 20 "$replacement" >&2
    docker rm -f "$replacement" >/dev/null
    die 'the new JVM did not become ready, the end of its log is above; it was removed, and the old ones keep serving'
  fi
  stack_await_up $((count + 1))
  # stop_grace_period limits the duration.
  docker stop "$1" >/dev/null
  docker rm "$1" >/dev/null
  stack_await_up "$count"
}

# stack_down: removes the stack with its data.
stack_down() { stack --profile '*' down --volumes --remove-orphans --timeout 20 >/dev/null 2>&1 </dev/null || true; }

# stack_booked_clicks AT_LEAST SECONDS: as booked_clicks of load.sh, in the container: PostgreSQL publishes no port.
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
    # The address of a container is reachable if its processes are visible.
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
