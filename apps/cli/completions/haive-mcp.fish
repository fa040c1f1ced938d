# fish completion for haive-mcp
set -l commands tools resources prompts call read prompt health monitor explain bench servers demo completions version
complete -c haive-mcp -f
complete -c haive-mcp -n "not __fish_seen_subcommand_from $commands" -a "$commands"
complete -c haive-mcp -n "__fish_seen_subcommand_from tools resources prompts call read prompt health monitor explain bench" -a "(haive-mcp servers --quiet 2>/dev/null)"
complete -c haive-mcp -n "__fish_seen_subcommand_from completions" -a "bash zsh fish"
complete -c haive-mcp -l config -r -F -d "configuration"
complete -c haive-mcp -l timeout -x -d "longest wait"
complete -c haive-mcp -l era -x -a "auto legacy modern" -d "protocol era"
complete -c haive-mcp -l log -x -a "trace debug info warn error off" -d "log level"
complete -c haive-mcp -l json -d "machine-readable output"
complete -c haive-mcp -s q -l quiet -d "print results only"
complete -c haive-mcp -l no-color -d "no colours"
complete -c haive-mcp -l root -r -a "(__fish_complete_directories)" -d "folder offered as a root"
complete -c haive-mcp -l no-roots -d "offer no roots"
complete -c haive-mcp -l args -x -d "arguments as JSON"
complete -c haive-mcp -l for -x -d "how long"
complete -c haive-mcp -l interval -x -d "between checks"
