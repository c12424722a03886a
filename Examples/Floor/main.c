// SPDX-License-Identifier: MIT
//
// broadcast-floor [--port P]: the least work that a broadcast server can do with epoll, as a yardstick.
//
// A WebSocket server that relays each message to everybody who connected with the same path, the sender
// too. What makes it fast is all it does: the messages of a turn are framed once, into one buffer per room;
// at the end of the turn each member gets that buffer with one send(). It has no rules, no limits worth the
// name, no history, and only one thread. Port 0 takes any free port; the port is printed.

#define _GNU_SOURCE
#include "websocket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 1024, READ_SIZE = 256 * 1024, BACKLOG_LIMIT = 64 * 1024 * 1024, BUCKETS = 8192 };

struct bytes {
    char *data;
    size_t count, capacity;
};

struct room {
    struct room *next_in_bucket;
    struct client **members;
    size_t member_count, member_capacity;
    struct bytes turn; // what this turn's messages are on the wire
    bool is_active;    // in the list of rooms with something to send
    char path[64];
};

struct client {
    int fd;
    size_t place; // in room->members
    struct room *room;
    struct bytes unread; // received, not a whole frame yet
    struct bytes unsent; // what the kernel did not take
};

static int poller, listener;
static struct room *buckets[BUCKETS];
static struct room **active;
static size_t active_count, active_capacity;
static char read_buffer[READ_SIZE];

static void *checked(void *memory) {
    if (!memory) abort();
    return memory;
}

static char *reserve(struct bytes *bytes, size_t more) {
    if (bytes->count + more > bytes->capacity) {
        bytes->capacity = (bytes->count + more) * 2;
        bytes->data = checked(realloc(bytes->data, bytes->capacity));
    }
    return bytes->data + bytes->count;
}

static void append(struct bytes *bytes, const char *data, size_t count) {
    memcpy(reserve(bytes, count), data, count);
    bytes->count += count;
}

static void release(struct bytes *bytes) {
    free(bytes->data);
    *bytes = (struct bytes){0};
}

static struct room *room_at(const char *path, size_t length) {
    if (length >= sizeof((struct room *)0)->path) return NULL;
    size_t hash = 5381;
    for (size_t i = 0; i < length; i++) hash = hash * 33 + (unsigned char)path[i];
    struct room **bucket = &buckets[hash % BUCKETS];
    for (struct room *room = *bucket; room; room = room->next_in_bucket)
        if (strlen(room->path) == length && !memcmp(room->path, path, length)) return room;
    struct room *room = checked(calloc(1, sizeof *room));
    memcpy(room->path, path, length);
    room->next_in_bucket = *bucket;
    return *bucket = room;
}

static void join(struct client *client, struct room *room) {
    if (room->member_count == room->member_capacity) {
        room->member_capacity = room->member_capacity ? room->member_capacity * 2 : 8;
        room->members = checked(realloc(room->members, room->member_capacity * sizeof *room->members));
    }
    client->room = room;
    client->place = room->member_count;
    room->members[room->member_count++] = client;
}

static void hang_up(struct client *client) {
    struct room *room = client->room;
    if (room) {
        struct client *last = room->members[--room->member_count];
        room->members[client->place] = last;
        last->place = client->place;
    }
    close(client->fd);
    release(&client->unread);
    release(&client->unsent);
    free(client);
}

static void watch(struct client *client, int operation, bool for_output) {
    struct epoll_event event = {.events = EPOLLIN | (for_output ? EPOLLOUT : 0), .data.ptr = client};
    epoll_ctl(poller, operation, client->fd, &event);
}

static void give(struct client *client, const char *data, size_t count) {
    if (!client->unsent.count) {
        ssize_t sent = send(client->fd, data, count, MSG_NOSIGNAL);
        if (sent == (ssize_t)count) return;
        if (sent < 0 && errno != EAGAIN) return; // reading will find out
        if (sent > 0) data += sent, count -= (size_t)sent;
        watch(client, EPOLL_CTL_MOD, true);
    }
    if (client->unsent.count + count > BACKLOG_LIMIT) {
        shutdown(client->fd, SHUT_RDWR);
        return;
    }
    append(&client->unsent, data, count);
}

static void give_rest(struct client *client) {
    ssize_t sent = send(client->fd, client->unsent.data, client->unsent.count, MSG_NOSIGNAL);
    if (sent <= 0) return;
    client->unsent.count -= (size_t)sent;
    memmove(client->unsent.data, client->unsent.data + sent, client->unsent.count);
    if (client->unsent.count) return;
    release(&client->unsent);
    watch(client, EPOLL_CTL_MOD, false);
}

static void relay(struct room *room, const struct websocket_frame *frame) {
    char *header = reserve(&room->turn, 10 + frame->length);
    room->turn.count += websocket_header(header, frame->opcode, frame->length);
    append(&room->turn, frame->payload, frame->length);
    if (room->is_active) return;
    room->is_active = true;
    if (active_count == active_capacity) {
        active_capacity = active_capacity ? active_capacity * 2 : 64;
        active = checked(realloc(active, active_capacity * sizeof *active));
    }
    active[active_count++] = room;
}

/// Takes what is complete of `count` received bytes; returns how many that are, -1 to hang up.
static ssize_t take(struct client *client, char *data, size_t count) {
    size_t taken = 0;
    if (!client->room) {
        char answer[160];
        const char *path;
        size_t length;
        ssize_t used = websocket_accept(data, count, answer, &path, &length);
        if (used <= 0) return used;
        struct room *room = room_at(path, length);
        if (!room) return -1;
        join(client, room);
        give(client, answer, strlen(answer));
        taken = (size_t)used;
    }
    for (;;) {
        struct websocket_frame frame;
        ssize_t used = websocket_next(data + taken, count - taken, &frame);
        if (used < 0) return -1;
        if (used == 0) return (ssize_t)taken;
        taken += (size_t)used;
        if (frame.opcode == WEBSOCKET_TEXT || frame.opcode == WEBSOCKET_BINARY) {
            relay(client->room, &frame);
        } else if (frame.opcode == WEBSOCKET_CLOSE) {
            return -1;
        } else if (frame.opcode == WEBSOCKET_PING) {
            char pong[2 + 125];
            if (frame.length > 125) return -1;
            size_t header = websocket_header(pong, 10, frame.length);
            memcpy(pong + header, frame.payload, frame.length);
            give(client, pong, header + frame.length);
        }
    }
}

static void readable(struct client *client) {
    size_t kept = client->unread.count;
    if (kept > READ_SIZE / 2) {
        hang_up(client);
        return;
    }
    if (kept) memcpy(read_buffer, client->unread.data, kept);
    ssize_t count = recv(client->fd, read_buffer + kept, READ_SIZE - kept, 0);
    if (count < 0 && errno == EAGAIN) return;
    ssize_t taken = count <= 0 ? -1 : take(client, read_buffer, kept + (size_t)count);
    if (taken < 0) {
        hang_up(client);
        return;
    }
    release(&client->unread);
    size_t rest = kept + (size_t)count - (size_t)taken;
    if (rest) append(&client->unread, read_buffer + taken, rest);
}

static void accept_all(void) {
    for (int i = 0; i < 256; i++) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), on = 1;
        if (fd < 0) return;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct client *client = checked(calloc(1, sizeof *client));
        client->fd = fd;
        watch(client, EPOLL_CTL_ADD, false);
    }
}

static void end_turn(void) {
    for (size_t i = 0; i < active_count; i++) {
        struct room *room = active[i];
        room->is_active = false;
        for (size_t k = 0; k < room->member_count; k++) give(room->members[k], room->turn.data, room->turn.count);
        room->turn.count = 0;
        // Many rooms with a buffer each would fall out of the cache.
        if (active_count > 64 && room->turn.capacity > 4096) release(&room->turn);
    }
    active_count = 0;
}

static int listen_on(int port) {
    int on = 1;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof at;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&at, sizeof at) || listen(listener, 4096)) return -1;
    getsockname(listener, (struct sockaddr *)&at, &length);
    return ntohs(at.sin_port);
}

int main(int count, char **arguments) {
    int port = 0;
    if (count == 3 && !strcmp(arguments[1], "--port")) {
        port = atoi(arguments[2]);
    } else if (count != 1) {
        fprintf(stderr, "usage: broadcast-floor [--port P]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    poller = epoll_create1(EPOLL_CLOEXEC);
    if ((port = listen_on(port)) < 0) {
        perror("broadcast-floor");
        return 1;
    }
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    printf("Endpoint: ws://127.0.0.1:%d/\n", port);
    fflush(stdout);
    for (struct epoll_event events[EVENTS];;) {
        int ready = epoll_wait(poller, events, EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            struct client *client = events[i].data.ptr;
            if (!client) {
                accept_all();
                continue;
            }
            if (events[i].events & EPOLLOUT && client->unsent.count) give_rest(client);
            if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) readable(client);
        }
        end_turn();
    }
}
