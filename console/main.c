/* qrtill: the command line. Everything is in cli.c, so that tests can link it. */
#include "console/cli.h"

#include <locale.h>

int main(int argc, char **argv)
{
	setlocale(LC_ALL, "");
	return cli_run(argc, argv);
}
