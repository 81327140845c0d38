#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# log-events.pl FILE …: the events that C sources log, one 'FOLDER EVENT LEVEL[,LEVEL]' a line.
#
# Reads the second and third argument of each LOG(…). An event's name is a string literal: in the call itself, in an array `events` of the
# same file, or, where a function has it as its parameter `event`, in the calls of that function.
use strict;
use warnings;

# The first $count arguments of the call whose opening parenthesis ends at pos($$source).
sub arguments {
    my ($source, $count) = @_;
    my ($depth, @found) = (1, '');
    while ($depth > 0 && $$source =~ /\G("(?:[^"\\]|\\.)*"|.)/gcs) {
        my $token = $1;
        $depth++ if $token eq '(';
        $depth-- if $token eq ')';
        if ($token eq ',' && $depth == 1) {
            last if @found == $count;
            push @found, '';
        } elsif ($depth > 0) {
            $found[-1] .= $token;
        }
    }
    return @found;
}

sub literals {
    return $_[0] =~ /"([a-z0-9_]+)"/g;
}

for my $file (@ARGV) {
    open my $handle, '<', $file or die "$file: $!\n";
    my $source = do { local $/; <$handle> };
    my ($folder) = $file =~ m{^(common|services/[^/]+)/} or die "$file: of no service\n";
    while ($source =~ /\bLOG(?:_ALARM)?\(/g) {
        my $here = pos $source;
        my (undef, $level, $event) = arguments(\$source, 3);
        next if $event =~ /^\s*event\s*$/ && $file eq 'common/log.h';
        my $levels = join ',', map { lc } $level =~ /LOG_([A-Z]+)/g;
        my @names = literals($event);
        if (!@names && $event =~ /^\s*events\[/) {
            my ($array) = $source =~ /\bevents\[\] = \{(.*?)\};/s;
            @names = literals($array // '');
        } elsif (!@names && $event =~ /^\s*event\s*$/) {
            my ($function) = substr($source, 0, $here) =~ /.*\b(\w+)\([^()]*const char \*event\b/s;
            while (defined $function && $source =~ /\b\Q$function\E\(/g) {
                my ($name) = literals((arguments(\$source, 2))[1] // '');
                push @names, $name if defined $name;
            }
        }
        print "$file: an event without a name: LOG(…,$level,$event\n" if !@names;
        print "$folder $_ $levels\n" for @names;
        pos($source) = $here;
    }
}
