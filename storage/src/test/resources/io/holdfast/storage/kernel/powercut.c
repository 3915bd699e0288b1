/*
 * Stops a process, writes chosen pages of the page cache to the device, and cuts a file system off
 * from it. Reads one order a line and answers each with "ok" or what failed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/types.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SHUTDOWN _IOR('X', 125, __u32) /* of XFS; ext4 and others took it over */
#define WHOLE \
  (SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER)

/*
 * Waits until a process has taken the signal: on a busy machine its threads run on until then. From
 * then on none of them returns to its own code, also where it is in a system call.
 */
static int stands(long long pid) {
  char path[64], state[512] = "";
  snprintf(path, sizeof path, "/proc/%lld/stat", pid);
  for (int tries = 0; tries < 60000; tries++) {
    FILE *file = fopen(path, "r");
    char *name_ends = NULL;
    if (file) {
      if (fgets(state, sizeof state, file)) name_ends = strrchr(state, ')');
      fclose(file);
    }
    if (!name_ends || strchr("TZX", name_ends[2])) return 1;
    usleep(1000);
  }
  errno = ETIMEDOUT;
  return 0;
}

int main(void) {
  static char line[8192];
  while (fgets(line, sizeof line, stdin)) {
    long long first, second;
    int path = 0, failed = -1;
    line[strcspn(line, "\n")] = 0;
    errno = EINVAL;
    if (sscanf(line, "stop %lld", &first) == 1) {
      failed = kill((pid_t)first, SIGSTOP) ? errno != ESRCH : !stands(first);
    } else if (sscanf(line, "write %lld %lld %n", &first, &second, &path) == 2 && path) {
      int file = open(line + path, O_RDONLY | O_NOFOLLOW);
      failed = file < 0 ? -1 : sync_file_range(file, first, second, WHOLE);
      if (file >= 0) close(file);
    } else if (sscanf(line, "cut %lld %n", &first, &path) == 1 && path) {
      __u32 how = (__u32)first; /* 1: the log is written first, 2: it is not */
      int root = open(line + path, O_RDONLY | O_DIRECTORY);
      failed = root < 0 ? -1 : ioctl(root, SHUTDOWN, &how);
      if (root >= 0) close(root);
    }
    printf("%s\n", failed ? strerror(errno) : "ok");
    fflush(stdout);
  }
  return 0;
}
