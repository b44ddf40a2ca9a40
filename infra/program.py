"""risksentinel: all commands: those of the package, `stack` and `source`."""

from infra.devstack.command import stack
from infra.kafka_source.command import source
from risksentinel.cli import main as package_commands

package_commands.risksentinel.add_command(stack)
package_commands.risksentinel.add_command(source)
main = package_commands.main
