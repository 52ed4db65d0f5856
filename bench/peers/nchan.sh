#!/bin/sh
# Starts nginx with Nchan for comparison, in the foreground, in memory only, one worker.
#   bench/peers/nchan.sh PORT DIR        Debian: apt install nginx-light libnginx-mod-nchan
# DIR gets its configuration and scratch files. Pin it with taskset.
set -eu
port=$1
dir=$2
module=/usr/lib/nginx/modules/ngx_nchan_module.so
[ -e "$module" ] || { echo "nchan.sh: no $module (Debian: libnginx-mod-nchan)" >&2; exit 1; }
mkdir -p "$dir/tmp"
# Started by root, workers would else be another user, who may not enter DIR.
user=""
[ "$(id -u)" = 0 ] && user="user root;"
cat > "$dir/nginx.conf" <<EOF
daemon off;
$user
load_module $module;
worker_processes 1;
worker_rlimit_nofile 20000;
pid $dir/nginx.pid;
error_log $dir/error.log warn;

events {
    worker_connections 19900;
}

http {
    access_log off;
    keepalive_requests 100000000;
    keepalive_timeout 1h;
    client_body_temp_path $dir/tmp/body;
    proxy_temp_path $dir/tmp/proxy;
    fastcgi_temp_path $dir/tmp/fastcgi;
    uwsgi_temp_path $dir/tmp/uwsgi;
    scgi_temp_path $dir/tmp/scgi;
    nchan_shared_memory_size 1g;
    nchan_message_buffer_length 1000;
    nchan_message_timeout 1h;
    nchan_subscriber_timeout 0;

    server {
        listen 127.0.0.1:$port backlog=4096;

        location ~ ^/sub/(.+)\$ {
            nchan_subscriber;
            nchan_subscriber_first_message oldest;
            nchan_channel_id \$1;
        }
        location ~ ^/pub/(.+)\$ {
            nchan_publisher;
            nchan_channel_id \$1;
        }
        location = /readyz {
            return 204;
        }
    }
}
EOF
exec nginx -p "$dir" -c "$dir/nginx.conf" -e "$dir/error.log"
