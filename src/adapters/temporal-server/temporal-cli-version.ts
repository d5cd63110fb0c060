/**
 * The newest CLI that `go install` can build: later ones carry `replace` directives, which it refuses.
 * It brings server 1.29.1.
 */
export const temporalCliVersion = '1.5.1';

export const temporalCliModule = `github.com/temporalio/cli/cmd/temporal@v${temporalCliVersion}`;
