# SPDX-License-Identifier: Apache-2.0
# Functions that a header of the given files declares and none of the files uses: FILE NAME, one a line.
use strict;
use warnings;

my (%declared, %used);
for my $path (@ARGV) {
    open my $file, '<', $path or die "$path: $!";
    local $/;
    my $text = <$file>;
    $text =~ s{/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\])*"}{ }gs;
    # A declaration or a definition begins a line; a use is indented, or stands in a macro.
    my $head = qr/^(?!static|typedef|return|extern|#)[A-Za-z_][\w \t*]*[ *](\w+)\(/m;
    if ($path =~ /\.h$/) {
        $declared{$_} //= $path for $text =~ /$head/g;
    }
    $text =~ s/$head/ /g;
    $used{$1} = 1 while $text =~ /(\w+)/g;
}
print map { "$declared{$_} $_\n" } grep { !$used{$_} } sort keys %declared;
