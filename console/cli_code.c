/* cli_code: `qrtill code ...`. */
#include "console/cli.h"

const struct command cli_code_commands[] = {
	{ 0 },
};
