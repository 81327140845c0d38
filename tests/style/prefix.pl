# SPDX-License-Identifier: Apache-2.0
# Functions of external linkage that begin neither with the name of the file that defines them, nor with that of the header that
# declares them, nor with that of a type which this header has: FILE NAME, one a line. What a file is named besides its subject (x_store.c,
# x_state.h) is no part of the name.
use strict;
use warnings;

my (%declared, %defined);
for my $path (@ARGV) {
    open my $file, '<', $path or die "$path: $!";
    local $/;
    my $text = <$file>;
    $text =~ s{/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\])*"}{ }gs;
    my ($stem) = $path =~ m{([^/]+)\.\w+$};
    $stem =~ tr/-/_/;
    $stem =~ s/_(?:store|state)$//;
    my @types = $text =~ /^(?:struct|enum|union) (\w+)/mg;
    # A declaration or a definition begins a line, and ends with a semicolon or opens a block.
    while ($text =~ /^(?!static|typedef|return|extern|#)[A-Za-z_][\w \t*]*[ *](\w+)(\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))\s*([;{]|__)/mg) {
        my ($name, $end) = ($1, $3);
        if ($path =~ /\.h$/) {
            push @{ $declared{$name} }, $stem, @types;
        } elsif ($end eq '{') {
            $defined{$name} = [$path, $stem];
        }
    }
}
for my $name (sort keys %defined) {
    my ($path, $stem) = @{ $defined{$name} };
    next if $name eq 'main' || grep { $name =~ /^\Q$_\E(?:_|$)/ } $stem, @{ $declared{$name} // [] };
    print "$path $name\n";
}
