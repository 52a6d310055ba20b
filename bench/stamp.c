/* First instruction of a container's process: prints CLOCK_MONOTONIC in nanoseconds and waits. Built static by bench/foundation.mjs. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  printf("%lld\n", (long long)now.tv_sec * 1000000000LL + now.tv_nsec);
  fflush(stdout);
  for (;;) pause();
}
