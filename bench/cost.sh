#!/usr/bin/env bash
# What access control, TLS and HTTP/2 cost a delivery: the server's CPU on the first core, the load
# and a proxy on the second. A topic, READERS (1,000) readers, RATE (20) messages a second.
#
#   bench/cost.sh [ROUNDS]       about four minutes a round; the machine should be quiet
#
# The load tool speaks plain HTTP/1.1, so haproxy (Debian: haproxy) stands before the server where
# that is spoken to in another way, and once where it is not, to compare with.
set -eu
cd "$(dirname "$0")/.."
rounds=${1:-2} readers=${READERS:-1000} rate=${RATE:-20}
dir=$(mktemp -d)
server= proxy=
stop() {
  [ -z "$proxy" ] || kill "$proxy" 2>/dev/null || true
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  wait 2>/dev/null || true
  server= proxy=
}
trap 'stop; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM

# measure NAME VIA BACKEND [SERVE-OPTION…]: BACKEND is how the proxy speaks to the server; - without
measure() {
  local name=$1 via=$2 backend=$3
  shift 3
  rm -f "$dir/out"
  POSTHASTE_TCP=off taskset -c 0 ./posthaste serve --http 127.0.0.1:0 --connections-per-address none \
    --data "$dir/data" "$@" >"$dir/out" 2>&1 &
  server=$!
  until grep -q '^ready' "$dir/out"; do
    kill -0 "$server" 2>/dev/null || { cat "$dir/out" >&2; exit 1; }
    sleep 0.1
  done
  local port
  port=$(sed -n 's/^ready http=127.0.0.1:\([0-9]*\).*/\1/p' "$dir/out")
  if [ "$backend" != - ]; then
    local behind=$port
    port=$((port == 18097 ? 18098 : 18097))
    cat >"$dir/proxy" <<C
global
  maxconn 5000
  nbthread 1
defaults
  mode ${backend%% *}
  timeout connect 5s
  timeout client 100s
  timeout server 100s
frontend f
  bind 127.0.0.1:$port
  default_backend b
backend b
  server s 127.0.0.1:$behind ${backend#* }
C
    taskset -c 1 haproxy -f "$dir/proxy" >"$dir/proxy.out" 2>&1 &
    proxy=$!
    until (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
      kill -0 "$proxy" 2>/dev/null || { cat "$dir/proxy.out" >&2; exit 1; }
      sleep 0.1
    done
  fi
  printf '%-28s %-4s ' "$name" "$via"
  taskset -c 1 ./posthaste bench fanout --url "http://127.0.0.1:$port" --pid "$server" --via "$via" \
    -c "$readers" -r "$rate" -m $((rate * 15)) --warmup 15 --connect-rate 1000 --json |
    sed -n 's/.*"cpu_us_per_delivery":\([0-9.]*\).*/\1 us a delivery/p'
  stop
}

for _ in $(seq "$rounds"); do
  for via in sse ws; do
    unset POSTHASTE_KEY
    rm -rf "$dir/data"
    measure 'open to all' $via -
    ./posthaste user add alice --no-password --data "$dir/data" >/dev/null # the first is a person
    ./posthaste user add bench --service --no-password --data "$dir/data" >/dev/null
    ./posthaste grant add bench administer '#' --data "$dir/data" >/dev/null 2>&1 || true
    POSTHASTE_KEY=$(./posthaste key create bench --name bench --data "$dir/data" 2>/dev/null | grep -o 'ph_[^ ]*')
    export POSTHASTE_KEY
    measure 'access control' $via -
    unset POSTHASTE_KEY
    rm -rf "$dir/data"
    measure 'a proxy, plain' $via 'tcp '
    measure 'a proxy, TLS' $via 'tcp ssl verify none' --tls-self-signed
    [ $via = ws ] || measure 'a proxy, HTTP/1.1' $via 'http '
    [ $via = ws ] || measure 'a proxy, HTTP/2' $via 'http proto h2'
  done
done
