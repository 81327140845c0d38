# SPDX-License-Identifier: Apache-2.0
# sleeps.pl LIST FILE …: where the files sleep otherwise than LIST says: FILE, how often, and how often it may, one a line. A line of
# LIST is FILE COUNT REASON. To wait is to wait for an event; a pause is for what tells of none, or for a moment that is meant.
use strict;
use warnings;

my (%may, %does);
my $list = shift @ARGV;
open my $lines, '<', $list or die "$list: $!";
while (<$lines>) {
    next if /^#|^$/;
    /^(\S+) (\d+) \S.{10,}/ or die "$list:$.: not FILE COUNT REASON";
    $may{$1} = $2;
}
for my $path (@ARGV) {
    open my $file, '<', $path or die "$path: $!";
    while (<$file>) {
        $does{$path}++ while /(?<![\w.-])(?:(?:u|nano|clock_nano)?sleep\(|sleep +["\$0-9])|\btime\.sleep\(/g;
    }
}
for my $path (sort keys %{ { %may, %does } }) {
    my ($does, $may) = ($does{$path} // 0, $may{$path} // 0);
    print "$path sleeps $does times, not $may\n" if $does != $may;
}
