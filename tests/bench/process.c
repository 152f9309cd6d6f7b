/* process: see process.h. */
#include "tests/bench/process.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int64_t process_cpu_ns(pid_t pid)
{
	char path[64], file[384];
	int64_t total = 0, ns;
	struct dirent *e;

	snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	DIR *d = opendir(path);
	while (d != NULL && (e = readdir(d)) != NULL) {
		snprintf(file, sizeof file, "%s/%s/schedstat", path, e->d_name);
		FILE *f = e->d_name[0] == '.' ? NULL : fopen(file, "r");
		if (f == NULL)
			continue;
		if (fscanf(f, "%" SCNd64, &ns) == 1)
			total += ns;
		fclose(f);
	}
	if (d != NULL)
		closedir(d);
	return total;
}

int64_t process_rss_bytes(pid_t pid)
{
	char path[64], line[256];
	int64_t kb = 0;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	FILE *f = fopen(path, "r");
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "VmRSS: %" SCNd64, &kb) == 1)
			break;
	if (f != NULL)
		fclose(f);
	return kb * 1024;
}

int64_t file_bytes(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
}
