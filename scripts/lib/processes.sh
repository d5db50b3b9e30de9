# Sourced after common.sh, not run: processes, ports and tools.
# shellcheck shell=bash

# running PID
running() { [[ -n $1 ]] && kill -0 "$1" 2>/dev/null; }

# ended PID SECONDS
ended() {
  local tries
  for ((tries = 0; tries < $2 * 5; tries++)); do
    running "$1" || return 0
    sleep 0.2
  done
  ! running "$1"
}

# free_port: leaves it in $port; never one that this script was given before.
ports_given=' '
free_port() {
  local tries
  for ((tries = 0; tries < 50; tries++)); do
    port=$((20000 + RANDOM % 12000))
    [[ $ports_given != *" $port "* ]] || continue
    (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { ports_given+="$port "; return; }
  done
  die 'found no free port'
}

load_average() { uptime | sed 's/.*load averages*: *//; s/,//g'; }

# shellcheck disable=SC2034  # for whoever sources this
REMEDY_CURL='apt-get install curl, dnf install curl or brew install curl'

# find_tool NAME REMEDY: prints where it is; go installs to ~/go/bin, which few have on their PATH.
find_tool() {
  command -v "$1" || { [[ -x $HOME/go/bin/$1 ]] && printf '%s\n' "$HOME/go/bin/$1"; } || die "needs $1, $2"
}
