# SPDX-License-Identifier: Apache-2.0
# The figures of ./oxe bench ("name value" a line) as a picture: p50 and p99 of the answer and of FILLED over the load of the open
# loop, in per cent of the best rate; milliseconds on a logarithmic scale from 1 to 10,000.
function x(place) { return 90 + (place - 1) * 110 }
function y(ms) { return 370 - log(ms < 1 ? 1 : ms > 10000 ? 10000 : ms) / log(10) * 85 }
function curve(figure, colour, label,    i, points) {
    for (i = 1; i <= n; i++)
        points = points sprintf("%.1f,%.1f ", x(i), y(f["load_" loads[i] "_" figure "_ms"]))
    printf "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"%s\"/>\n", colour, points
    drawn++
    printf "<path d=\"M90 %dh24\" stroke=\"%s\" stroke-width=\"2\"/><text x=\"120\" y=\"%d\">%s</text>\n", 34 + drawn * 18, colour,
        38 + drawn * 18, label
}
{ f[$1] = $2 }
END {
    n = split("25 50 75 90 150 300", loads, " ")
    print "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 690 420\" font-family=\"sans-serif\" font-size=\"12\">"
    print "<rect width=\"690\" height=\"420\" fill=\"white\"/>"
    for (ms = 1; ms <= 10000; ms *= 10)
        printf "<path d=\"M70 %.1fH660\" stroke=\"#ddd\"/><text x=\"62\" y=\"%.1f\" text-anchor=\"end\">%d ms</text>\n", y(ms), y(ms) + 4, ms
    for (i = 1; i <= n; i++)
        printf "<text x=\"%.1f\" y=\"390\" text-anchor=\"middle\">%s %%</text>\n", x(i), loads[i]
    printf "<text x=\"370\" y=\"412\" text-anchor=\"middle\">orders due, of the best rate (%.0f a second)</text>\n", f["best_per_second"]
    curve("answer_p50", "#1a7f37", "201 p50")
    curve("answer_p99", "#8bc34a", "201 p99")
    curve("filled_p50", "#0550ae", "FILLED p50")
    curve("filled_p99", "#d1242f", "FILLED p99")
    print "</svg>"
}
