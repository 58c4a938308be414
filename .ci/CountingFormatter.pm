# The usual console output of pg_prove, and the totals of the run as JSON in $PERDURE_TAP_COUNTS.
package CountingFormatter;

use strict;
use warnings;
use parent 'TAP::Formatter::Console';

sub summary {
    my ($self, $results, @rest) = @_;
    $self->SUPER::summary($results, @rest);
    my $path = $ENV{PERDURE_TAP_COUNTS} or return;

    # A file that dies, or stops before its plan is done, has no failed assertion of its own.
    my $failed  = $results->failed;
    my $skipped = $results->skipped;
    for my $file ($results->descriptions) {
        my ($parser) = $results->parsers($file);
        $failed++ if $parser->has_problems && !$parser->failed;
    }

    open my $out, '>', $path or die "cannot write $path: $!";
    printf {$out} qq({"passed": %d, "failed": %d, "skipped": %d}\n),
        $results->passed - $skipped, $failed, $skipped;
    close $out or die "cannot write $path: $!";
    return;
}

1;
