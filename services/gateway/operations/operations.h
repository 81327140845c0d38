/* SPDX-License-Identifier: Apache-2.0 */
/* What the routes run: each answers the request, at once or later. */
#ifndef OXE_GATEWAY_OPERATIONS_H
#define OXE_GATEWAY_OPERATIONS_H

struct request;

/* submit.c */
void submit_run(struct request *request);
void submit_preview(struct request *request);

/* commands.c */
void commands_cancel(struct request *request);
void commands_resolve(struct request *request);

/* halts.c */
void halts_create(struct request *request);
void halts_lift(struct request *request);
void halts_list(struct request *request);
void halts_list_own(struct request *request);

/* orders.c */
void orders_list(struct request *request);
void orders_get(struct request *request);

/* fills.c */
void fills_list(struct request *request);

/* bars.c */
void bars_list(struct request *request);

/* audit.c */
void audit_get_order(struct request *request);
void audit_search(struct request *request);

/* export.c */
void export_run(struct request *request);

/* policy.c */
void policy_get(struct request *request);

/* proofs.c */
void proofs_get_order(struct request *request);

/* tiles.c */
void tiles_get_checkpoint(struct request *request);
void tiles_get_stamp(struct request *request);
void tiles_get_hashes(struct request *request);
void tiles_get_entries(struct request *request);

/* account.c */
void account_get(struct request *request);
void account_list_positions(struct request *request);
void account_list_instruments(struct request *request);

/* admin.c */
void admin_list_orders(struct request *request);
void admin_list_lanes(struct request *request);
void admin_list_services(struct request *request);

/* sign_in.c */
void sign_in_list_people(struct request *request);
void sign_in_run(struct request *request);

/* stream.c */
void stream_run(struct request *request);

/* echo.c, with OXE_WS_ECHO only */
void echo_run(struct request *request);

/* gateway.c */
void gateway_live(struct request *request);
void gateway_ready(struct request *request);

#endif
