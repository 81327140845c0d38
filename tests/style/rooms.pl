# SPDX-License-Identifier: Apache-2.0
# rooms.pl TABLE FILE …: includes that TABLE does not allow between the rooms of a service, and rings of files, one a line.
#
# A line of TABLE is ROOM: ROOM …, a folder and the folders whose headers its files may include besides their own, common and proto.
# A file and its header are one; a ring is a set of them that include each other, over however many. 'ring FOLDER: NAME …' declares one.
use strict;
use warnings;

my $table = shift @ARGV;
my (%may, %edges, @rings);
open my $lines, '<', $table or die "$table: $!";
while (<$lines>) {
    next if /^#|^$/;
    if (my ($folder, $names) = /^ring (\S+): (.+)$/) {
        push @rings, { line => $., of => { map { ("services/$folder/$_" => 1) } split ' ', $names } };
        next;
    }
    my ($room, $others) = /^(\S+):((?: \S+)*)$/ or die "$table:$.: not ROOM: ROOM …";
    $may{$room}{$_} = 1 for $room, split ' ', $others;
}
sub room_of { return $_[0] =~ s{/[^/]+$}{}r }
sub unit_of { return $_[0] =~ s{\.\w+$}{}r }
for my $path (@ARGV) {
    open my $file, '<', $path or die "$path: $!";
    my $room = room_of($path);
    while (<$file>) {
        next unless /^#include "(services\/[^"]+)"/;
        my ($included, $there) = ($1, room_of($1));
        print "$path:$. includes $included\n" if exists $may{$room} ? !$may{$room}{$there} : exists $may{$there} && $room ne $there;
        $edges{ unit_of($path) }{ unit_of($included) } = 1 if unit_of($path) ne unit_of($included);
    }
}

# Tarjan's strongly connected components.
my ($next, @stack, %index, %low, %on) = (0);
sub visit {
    my ($unit) = @_;
    $index{$unit} = $low{$unit} = $next++;
    push @stack, $unit;
    $on{$unit} = 1;
    for my $other (sort keys %{ $edges{$unit} // {} }) {
        visit($other) unless defined $index{$other};
        $low{$unit} = $low{$other} if $on{$other} && $low{$other} < $low{$unit};
    }
    return if $low{$unit} != $index{$unit};
    my @ring;
    do { push @ring, pop @stack; delete $on{ $ring[-1] } } until $ring[-1] eq $unit;
    return if @ring == 1;
    for my $declared (@rings) {
        next if grep { !$declared->{of}{$_} } @ring;
        $declared->{found} = 1;
        return;
    }
    print 'a ring: ', join(' ', sort @ring), "\n";
}
visit($_) for grep { !defined $index{$_} } sort keys %edges;
print "$table:$_->{line} declares a ring that is open\n" for grep { !$_->{found} } @rings;
