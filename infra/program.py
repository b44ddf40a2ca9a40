"""risksentinel: all commands: those of the package, `stack`, `source` and `policy test`."""

from infra.devstack.command import stack
from infra.kafka_source.command import source
from infra.scenarios.policy_test import test
from risksentinel.cli import main as package_commands
from risksentinel.cli.policy import policy

package_commands.risksentinel.add_command(stack)
package_commands.risksentinel.add_command(source)
policy.add_command(test)
main = package_commands.main
