/* What a power cut leaves of a folder: LD_PRELOADed, it keeps beside $LOSS_ROOT, in $LOSS_IMAGE, each file as
 * it was when it was last flushed, and the names as they were at the last flush of any file or folder, which is what
 * a journalling file system promises (ext4, data=ordered). Nothing is really flushed.
 *
 * An image is `names` (inode, a space, the path below the root, a line each; inode 0: a folder) and a file by inode.
 * The root must lie on a tmpfs, which gives no inode's number twice. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static FILE *names;
static size_t root_length;

static int note(const char *path, const struct stat *st, int kind, struct FTW *at) {
    (void)at;
    const char *below = strlen(path) < root_length ? "" : path + root_length;
    if (kind == FTW_F) fprintf(names, "%lu %s\n", (unsigned long)st->st_ino, below);
    if (kind == FTW_D) fprintf(names, "0 %s\n", below);
    return 0;
}

static void copy_to(int from, const char *image, unsigned long inode) {
    char aside[PATH_MAX], place[PATH_MAX], buffer[65536];
    snprintf(aside, sizeof aside, "%s/%lu.new", image, inode);
    snprintf(place, sizeof place, "%s/%lu", image, inode);
    int to = open(aside, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    off_t at = 0;
    ssize_t n;
    while ((n = pread(from, buffer, sizeof buffer, at)) > 0) {
        if (write(to, buffer, (size_t)n) != n) abort();
        at += n;
    }
    close(to);
    rename(aside, place);
}

static int flushed(int fd) {
    const char *root = getenv("LOSS_ROOT"), *image = getenv("LOSS_IMAGE");
    char link[64], path[PATH_MAX], aside[PATH_MAX], place[PATH_MAX];
    struct stat st;
    if (!root || !image || fstat(fd, &st)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0) return 0;
    path[n] = 0;
    root_length = strlen(root) + 1;
    if (strncmp(path, root, root_length - 1)) return 0;
    pthread_mutex_lock(&one_at_a_time);
    if (S_ISREG(st.st_mode)) { /* the descriptor may be for writing alone: the file is opened again */
        int again = open(link, O_RDONLY);
        if (again >= 0) {
            copy_to(again, image, (unsigned long)st.st_ino);
            close(again);
        }
    }
    snprintf(aside, sizeof aside, "%s/names.new", image);
    snprintf(place, sizeof place, "%s/names", image);
    names = fopen(aside, "w");
    nftw(root, note, 16, FTW_PHYS);
    fclose(names);
    rename(aside, place);
    pthread_mutex_unlock(&one_at_a_time);
    return 0;
}

int fsync(int fd) { return flushed(fd); }
int fdatasync(int fd) { return flushed(fd); }
