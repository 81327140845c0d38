/* oxectl: finds the command in the table and runs it. */
#include "services/oxectl/oxectl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "common/cleanup.h"

static const struct command commands[] = {
    {"submit",
     "[--tif TIF] [--price P] [--stop-loss P] [--take-profit P] [--key KEY] [--wait] [--trail] [--json]\n"
     "         SYMBOL BUY|SELL QUANTITY MARKET|LIMIT|STOP",
     "submit an order; --wait waits until it is done, --trail then prints its audit trail", orders_submit},
    {"list", "[--status STATUS] [--symbol SYMBOL] [--limit N] [--json]", "list orders, newest first",
     orders_list},
    {"show", "[--json] ORDER", "one order with its fills", orders_show},
    {"cancel", "[--wait] [--json] ORDER", "ask for an order to be cancelled; --wait waits until it is done",
     cancel_command},
    {"resolve", "--reason TEXT [--quantity Q --price P --exec-id ID] [--json] ORDER RETRY|REJECT|CANCEL|FILL",
     "operations: say what becomes of an order in doubt; FILL needs the figures of the execution",
     resolve_command},
    {"halts", "[--json]", "operations: trading halts in force", halts_command},
    {"halt", "--reason TEXT [--cancel-open] [--json] ALL | TRADER ID | SYMBOL SYMBOL",
     "operations: halt trading; prints the halt's id; --cancel-open also cancels what is open", halt_command},
    {"resume", "HALT", "operations: lift a halt", resume_command},
    {"account", "[--json]", "balances, limits and positions", account_show},
    {"watch", "[--last-seq N] [--count N] [--timeout SECONDS]",
     "print order events as they happen, one JSON object a line", watch_command},
    {"audit", "[--json] ORDER", "the audit trail of one order", audit_command},
    {"trader",
     "create [--cash AMOUNT] [--currency USD] [--actor NAME] [--reason TEXT] SUBJECT [LIMIT=VALUE ...]",
     "operations: open an account for the subject of a trader's tokens; prints its id (needs OXE_DATABASE)",
     trader_command},
    {"audit-search",
     "[--trader ID] [--order ID] [--action ACTION] [--from TIME] [--to TIME] [--limit N]\n"
     "         [--cursor CURSOR] [--json]",
     "compliance: everyone's audit trail, oldest first; TIME as 2025-10-17T12:01:05Z, of the recording,\n"
     "      --to exclusive",
     audit_search_command},
    {"audit-export", "[--trader ID] [--from TIME] [--to TIME] [--format ndjson|csv]",
     "compliance: the audit trail to standard output, whatever its size; status 2 when it is not whole",
     audit_export_command},
    {"limits", "[--history] [--actor NAME] [--reason TEXT] [--json] TRADER [LIMIT=VALUE ...]",
     "operations: a trader's limits and status, or change them; in force for the next order\n"
     "      (needs OXE_DATABASE)",
     limits_command},
    {"flag", "[--history] [--actor NAME] [--reason TEXT] [--json] [false|true|PERCENT]",
     "operations: whether orders are taken, or for which share of traders (ORDER_EXECUTION_V2_ENABLED), or "
     "set\n"
     "      it; in force on every gateway within a second (needs OXE_DATABASE)",
     flag_command},
    {"lanes", "[--json]",
     "operations: the lanes, their owners, how they stand with the exchange, what is open (needs "
     "OXE_DATABASE)",
     lanes_command},
    {"doubts", "[--json] [--limit N]", "operations: orders in doubt, oldest first (needs OXE_DATABASE)",
     doubts_command},
    {"aside", "[--json] [--limit N] [--since TIME]",
     "operations: what was put aside, newest first (needs OXE_DATABASE)", aside_command},
    {"log", "[--level debug|info|warning|error] [--order ORDER] [--trace TRACE] [--json]",
     "the services' log lines on standard input, as a person reads them; --json leaves them as they are",
     log_command},
    {"sim",
     "executions | orders | sessions | book SYMBOL | price SYMBOL [VALUE] | cancel CLORDID | end-day |\n"
     "         help | fault KIND [NAME=VALUE ...] [COUNT|always] | fault list | fault clear [ID] | fault "
     "help",
     "ask or steer the simulated exchange, or make it misbehave; answers are JSON objects, one a line",
     sim_command},
    {"issuer", "DIRECTORY", "make a development token issuer: its key and jwks.json", issuer_command},
    {"jwt", "verify [--issuer ISSUER] [--audience AUDIENCE] [--authorized-party PARTY] JWKS",
     "what the gateway's verification makes of each line of standard input, a compact JWS: ok, or why not;\n"
     "      without issuer, audience and party any payload will do, and of claims only exp and nbf count",
     jwt_command},
    {"msg", "decode [--envelope]",
     "what each line of standard input, a message between services in hex, says: JSON, one object a line,\n"
     "      or error: and why",
     msg_command},
    {"curve", "keygen",
     "a new CURVE key pair for a process' pipes, as settings; the secret belongs in a file", curve_command},
    {"token", "--keys DIRECTORY [--role ROLE] [--ttl SECONDS] [--count N] NAME",
     "a development token for NAME; with --count, tokens for NAME0, NAME1 …, one a line", token_command},
};

static void usage(FILE *out)
{
    (void)fprintf(out, "oxectl - the command line of OXE\n\nUsage: oxectl COMMAND [ARGUMENT ...]\n\n");
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        (void)fprintf(out, "  %s %s\n      %s\n", commands[i].name, commands[i].arguments,
                      commands[i].summary);
    (void)fprintf(
        out,
        "\nEnvironment:\n"
        "  OXE_URL          the gateway (default http://127.0.0.1:8080)\n"
        "  OXE_TOKEN        the caller's JWT; OXE_TOKEN_FILE names a file that holds it\n"
        "  OXE_DATABASE     conninfo of the role oxe_operations, for what only the database knows\n"
        "  OXE_SIM_CONTROL  the simulator's control port (default 127.0.0.1:8084)\n"
        "\nExit status: 0 done, 1 refused by the server, 2 the server could not be asked, 64 wrong usage.\n");
}

int usage_error(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fputs("oxectl: ", stderr);
    (void)vfprintf(stderr, format, arguments);
    (void)fputs(" ('oxectl help' tells more)\n", stderr);
    va_end(arguments);
    return EXIT_USAGE;
}

int trouble(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fputs("oxectl: ", stderr);
    (void)vfprintf(stderr, format, arguments);
    (void)fputc('\n', stderr);
    va_end(arguments);
    return EXIT_TROUBLE;
}

/* The token from the environment. A file's trailing newline is cut off. */
static int read_token(char **ret_token)
{
    const char *value = getenv("OXE_TOKEN");
    const char *path = getenv("OXE_TOKEN_FILE");
    if (value != NULL && *value != '\0') {
        *ret_token = strdup(value);
        return 0;
    }
    if (path == NULL || *path == '\0')
        return 0;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return trouble("cannot read OXE_TOKEN_FILE %s: %s", path, strerror(errno));
    char text[8192];
    size_t length = fread(text, 1, sizeof(text) - 1, file);
    (void)fclose(file);
    text[length] = '\0';
    text[strcspn(text, "\r\n")] = '\0';
    *ret_token = strdup(text);
    return 0;
}

static const char *or_default(const char *value, const char *fallback)
{
    return value != NULL && *value != '\0' ? value : fallback;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        usage(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        usage(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        (void)puts("oxectl " OXE_VERSION);
        return 0;
    }
    struct context context = {
        .program = argv[0],
        .url = or_default(getenv("OXE_URL"), "http://127.0.0.1:8080"),
        .sim_control = or_default(getenv("OXE_SIM_CONTROL"), "127.0.0.1:8084"),
    };
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (strcmp(argv[1], commands[i].name) != 0)
            continue;
        int status = read_token(&context.token);
        if (status == 0) {
            (void)curl_global_init(CURL_GLOBAL_DEFAULT);
            status = commands[i].run(&context, argc - 1, argv + 1);
            curl_global_cleanup();
        }
        free(context.token);
        return status;
    }
    return usage_error("unknown command '%s'", argv[1]);
}
