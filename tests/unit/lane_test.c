/* SPDX-License-Identifier: Apache-2.0 */
/* Where a lane's pipe is. */
#include <criterion/criterion.h>

#include "common/cleanup.h"
#include "proto/lane.h"

Test(lane, an_endpoint_adds_the_lane_to_the_path_or_the_port_and_keeps_its_key)
{
    static const struct {
        const char *base;
        int lane, result;
        const char *endpoint;
    } cases[] = {
        {"ipc:///run/oxe/lane", 3, 0, "ipc:///run/oxe/lane-3"},
        {"tcp://10.0.0.5:5600", 0, 0, "tcp://10.0.0.5:5600"},
        {"tcp://10.0.0.5:5600", 7, 0, "tcp://10.0.0.5:5607"},
        {"tcp://[fd00::5]:5600", 7, 0, "tcp://[fd00::5]:5607"},
        {"tcp://10.0.0.5:5600#W3+ISn]v:Rd]7Q#iOY+r", 7, 0, "tcp://10.0.0.5:5607#W3+ISn]v:Rd]7Q#iOY+r"},
        {"ipc:///run/oxe/lane#W3+IS", 2, 0, "ipc:///run/oxe/lane-2#W3+IS"},
        {"tcp://10.0.0.5:65530", 7, -EINVAL, ""},
        {"tcp://10.0.0.5:0", 7, -EINVAL, ""},
        {"tcp://10.0.0.5:", 7, -EINVAL, ""},
        {"tcp://10.0.0.5", 7, -EINVAL, ""},
        {"tcp://10.0.0.5:5600x", 7, -EINVAL, ""},
        {"tcp://", 7, -EINVAL, ""},
        {"10.0.0.5:5600", 7, -EINVAL, ""},
        {"", 0, -EINVAL, ""},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char endpoint[LANE_ENDPOINT_MAX] = "";
        cr_expect_eq(lane_endpoint(cases[i].base, cases[i].lane, endpoint), cases[i].result, "%s",
                     cases[i].base);
        if (cases[i].result == 0)
            cr_expect_str_eq(endpoint, cases[i].endpoint);
    }
}

Test(lane, an_endpoint_that_does_not_fit_is_refused)
{
    char base[LANE_ENDPOINT_MAX + 1] = "ipc:///", endpoint[LANE_ENDPOINT_MAX];

    memset(base + 7, 'x', LANE_ENDPOINT_MAX - 7);
    cr_expect_eq(lane_endpoint(base, 0, endpoint), -ENAMETOOLONG);
}
