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

# shellcheck disable=SC2034  # for the script that sources this
REMEDY_CURL='apt-get install curl, dnf install curl or brew install curl'

# tool NAME: prints where it is, or fails. Debian has servers in folders that are on root's PATH only, go installs to ~/go/bin,
# which few have on theirs.
tool() {
  local folder
  command -v "$1" && return
  for folder in /usr/local/sbin /usr/sbin /sbin /opt/homebrew/bin /usr/local/bin "${HOME:-/root}/go/bin"; do
    [[ ! -x $folder/$1 ]] || { printf '%s\n' "$folder/$1"; return; }
  done
  return 1
}

# find_tool NAME REMEDY: as tool, but ends the script.
find_tool() { tool "$1" || die "needs $1, $2"; }

# port_user PORT: prints the process that listens on it, or nothing where that cannot be known.
port_user() {
  local inode pid name link
  if [[ -r /proc/net/tcp ]]; then
    # Columns: local address, state (0A: listens), inode.
    while read -r inode; do
      link=$(find /proc/[0-9]*/fd -maxdepth 1 -lname "socket:\[$inode\]" -print -quit 2>/dev/null) || true
      [[ $link =~ ^/proc/([0-9]+)/ ]] || continue
      pid=${BASH_REMATCH[1]} name=$(cat "/proc/${BASH_REMATCH[1]}/comm" 2>/dev/null) || true
      break
    done < <(awk -v port=":$(printf %04X "$1")" '$4 == "0A" && substr($2, length($2) - 4) == port { print $10 }' /proc/net/tcp /proc/net/tcp6 2>/dev/null)
  else
    read -r name pid < <("$(tool lsof)" -nP "-iTCP:$1" -sTCP:LISTEN 2>/dev/null | awk 'NR == 2 { print $1, $2 }') || true
  fi
  [[ -z ${pid:-} ]] || printf '%s, process %s' "${name:-a program}" "$pid"
}

# listens PORT [HOST]
listens() { (: <"/dev/tcp/${2:-127.0.0.1}/$1") 2>/dev/null; }

# require_free_port PORT WHAT REMEDY [HOST]: ends the script, and says who has the port.
require_free_port() {
  local user
  ! listens "$1" "${4:-}" || {
    user=$(port_user "$1")
    die "port $1 ($2) is in use${user:+ by $user}: $3"
  }
}
