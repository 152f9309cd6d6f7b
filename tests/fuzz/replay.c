/* replay: a main for fuzz targets without libFuzzer: runs each file of the folders named on the command line once. Prints how
 * many there were. */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>

static void run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = xmalloc(1 << 20);

	if (f == NULL)
		fatal("cannot read %s", path);
	size_t size = fread(data, 1, 1 << 20, f);
	fclose(f);
	data = xrealloc(data, size);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
}

int main(int argc, char **argv)
{
	int runs = 0;

	for (int i = 1; i < argc; i++) {
		struct dirent *e;
		DIR *d = opendir(argv[i]);
		if (d == NULL)
			fatal("cannot open %s", argv[i]);
		while ((e = readdir(d)) != NULL) {
			char path[1024];
			if (e->d_name[0] == '.')
				continue;
			snprintf(path, sizeof path, "%s/%s", argv[i], e->d_name);
			run_file(path);
			runs++;
		}
		closedir(d);
	}
	printf("%d inputs\n", runs);
	return runs == 0;
}
