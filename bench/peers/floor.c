/*
 * The floor: a server that does nothing but one send() a reader. What it costs is what the kernel
 * costs; no server can be cheaper per delivery unless it writes less often.
 *
 *   cc -O2 -o floor bench/peers/floor.c && ./floor PORT
 *
 * GET /sub/ID streams server-sent events, or with "Upgrade: websocket" text frames (without the
 * accept header: only the load tool may talk to it). POST /pub/ID publishes the body: first to all
 * readers, then it is answered. GET /readyz is answered 204. Nothing is kept, parsed twice or
 * checked; a full socket is waited for.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_FILES 20000
#define MAX_TOPICS 32768
#define INPUT 65536

struct topic {
  char id[64];
  int *fds;
  int count, room;
  unsigned char *web; /* one flag a reader: framed for WebSocket */
};

struct input {
  char *bytes;
  int length;
};

static struct topic topics[MAX_TOPICS];
static struct input inputs[MAX_FILES + 64];
static int topic_of[MAX_FILES + 64];

static void die(const char *what) {
  perror(what);
  exit(1);
}

static struct topic *find(const char *id, int length) {
  unsigned hash = 2166136261u;
  for (int i = 0; i < length; i++) hash = (hash ^ (unsigned char)id[i]) * 16777619u;
  for (unsigned i = 0; i < MAX_TOPICS; i++) {
    struct topic *t = &topics[(hash + i) % MAX_TOPICS];
    if (!t->id[0]) {
      memcpy(t->id, id, length);
      return t;
    }
    if (!strncmp(t->id, id, length) && !t->id[length]) return t;
  }
  fprintf(stderr, "floor: more than %d topics\n", MAX_TOPICS);
  exit(1);
}

static void put(int fd, const char *bytes, size_t length) {
  while (length) {
    ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);
    if (n >= 0) {
      bytes += n;
      length -= n;
    } else if (errno == EAGAIN) {
      struct pollfd wait = {fd, POLLOUT, 0};
      poll(&wait, 1, -1);
    } else {
      return;
    }
  }
}

static void say(int fd, const char *text) { put(fd, text, strlen(text)); }

static void join(struct topic *t, int fd, int web) {
  if (t->count == t->room) {
    t->room = t->room ? 2 * t->room : 4;
    t->fds = realloc(t->fds, t->room * sizeof *t->fds);
    t->web = realloc(t->web, t->room);
    if (!t->fds || !t->web) die("realloc");
  }
  t->fds[t->count] = fd;
  t->web[t->count++] = web;
  topic_of[fd] = t - topics + 1;
}

static void leave(int fd) {
  if (topic_of[fd]) {
    struct topic *t = &topics[topic_of[fd] - 1];
    for (int i = 0; i < t->count; i++) {
      if (t->fds[i] == fd) {
        t->fds[i] = t->fds[--t->count];
        t->web[i] = t->web[t->count];
        break;
      }
    }
    topic_of[fd] = 0;
  }
  free(inputs[fd].bytes);
  inputs[fd] = (struct input){0};
  close(fd);
}

static void publish(struct topic *t, const char *body, int length) {
  static char event[INPUT + 64], frame[INPUT + 64];
  int e = sprintf(event, "%x\r\ndata: ", length + 8);
  memcpy(event + e, body, length);
  e += length;
  memcpy(event + e, "\n\n\r\n", 4);
  e += 4;
  int f = 0;
  frame[f++] = (char)0x81;
  if (length < 126) {
    frame[f++] = (char)length;
  } else {
    frame[f++] = 126;
    frame[f++] = (char)(length >> 8);
    frame[f++] = (char)length;
  }
  memcpy(frame + f, body, length);
  f += length;
  for (int i = 0; i < t->count; i++) {
    if (t->web[i]) put(t->fds[i], frame, f);
    else put(t->fds[i], event, e);
  }
}

/* Handles one request at the start of the bytes; returns its length, or 0 if it is not complete. */
static int request(int fd, char *bytes, int length) {
  char *end = memmem(bytes, length, "\r\n\r\n", 4);
  if (!end) return 0;
  int head = end + 4 - bytes;
  *end = 0;
  char *path = strchr(bytes, ' ');
  if (!path) return head;
  path++;
  int path_length = strcspn(path, " ?");
  if (!strncmp(bytes, "POST /pub/", 10)) {
    char *header = strcasestr(bytes, "\r\ncontent-length:");
    int body = header ? atoi(header + 17) : 0;
    if (length - head < body) {
      *end = '\r';
      return 0;
    }
    publish(find(path + 5, path_length - 5), bytes + head, body);
    say(fd, "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
    return head + body;
  }
  if (!strncmp(path, "/sub/", 5)) {
    int web = strcasestr(bytes, "\r\nupgrade: websocket") != NULL;
    say(fd, web ? "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                  "Connection: Upgrade\r\n\r\n"
                : "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n");
    join(find(path + 5, path_length - 5), fd, web);
    return head;
  }
  say(fd, "HTTP/1.1 204 No Content\r\n\r\n");
  return head;
}

static void readable(int fd) {
  struct input *in = &inputs[fd];
  if (!in->bytes && !(in->bytes = malloc(INPUT))) die("malloc");
  ssize_t n = recv(fd, in->bytes + in->length, INPUT - in->length, 0);
  if (n <= 0) {
    if (n == 0 || errno != EAGAIN) leave(fd);
    return;
  }
  in->length += n;
  int done = 0, used;
  while (done < in->length && (used = request(fd, in->bytes + done, in->length - done))) done += used;
  in->length -= done;
  memmove(in->bytes, in->bytes + done, in->length);
  if (in->length == 0 && topic_of[fd]) {
    free(in->bytes);
    in->bytes = NULL;
  } else if (in->length == INPUT) {
    leave(fd);
  }
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: floor PORT\n");
    return 2;
  }
  int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in at = {.sin_family = AF_INET,
                           .sin_port = htons(atoi(argv[1])),
                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&at, sizeof at) || listen(listener, 4096)) die("listen");
  int epoll = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[256];
  if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event)) die("epoll");
  for (;;) {
    int ready = epoll_wait(epoll, events, 256, -1);
    for (int i = 0; i < ready; i++) {
      if (events[i].data.fd != listener) {
        readable(events[i].data.fd);
        continue;
      }
      int fd;
      while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        if (fd >= MAX_FILES) {
          close(fd);
          continue;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        event = (struct epoll_event){.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
      }
    }
  }
}
