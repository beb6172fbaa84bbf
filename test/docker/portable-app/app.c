/* The app in the tests of the portable folder: C, as there need be nothing else in its image. It says what it sees, saves the
   graph, says which signals come, and at TERM saves once more and exits with 7. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;
static const char *GRAPH = "amadeus/knowledge_graph.json";

static void fail(const char *what) {
  perror(what);
  exit(70);
}

static void save(const char *word) {
  FILE *file = fopen("amadeus/.new", "w");
  if (file == NULL || fprintf(file, "{\"saved\":\"%s\"}", word) < 0 || fclose(file) != 0) fail("save");
  if (rename("amadeus/.new", GRAPH) != 0) fail("rename");
}

static void tell_graph(void) {
  char text[256] = "";
  FILE *file = fopen(GRAPH, "r");
  if (file != NULL && fgets(text, sizeof text, file) != NULL) printf("found %s\n", text);
  if (file != NULL) fclose(file);
}

static void tell_others(void) {
  static const char *FILES[] = {"environ", "maps", "mem"};
  DIR *proc = opendir("/proc");
  if (proc == NULL) fail("/proc");
  for (struct dirent *entry; (entry = readdir(proc)) != NULL;) {
    int pid = atoi(entry->d_name);
    if (pid == 0 || pid == getpid()) continue;
    printf("looked at %d\n", pid);
    for (int n = 0; n < 3; n++) {
      char path[64];
      snprintf(path, sizeof path, "/proc/%d/%s", pid, FILES[n]);
      int file = open(path, O_RDONLY);
      if (file >= 0) printf("can read %s\n", path), close(file);
    }
  }
  closedir(proc);
}

int main(int count, char **words) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, NULL);
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (int n = 1; n < count; n++) printf("word %s\n", words[n]);
  for (char **variable = environ; *variable != NULL; variable++) printf("env %s\n", *variable);
  printf("user %d, root %s\n", (int)getuid(), open("/written", O_CREAT | O_WRONLY, 0600) < 0 ? "read-only" : "writable");
  tell_others();
  tell_graph();
  save("first");
  printf("ready\n");
  for (int number; sigwait(&all, &number) == 0;) {
    if (number == SIGCHLD) continue;
    printf("got %d\n", number);
    if (number != SIGTERM) continue;
    save("last");
    return 7;
  }
  return 70;
}
