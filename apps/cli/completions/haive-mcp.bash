# bash completion for haive-mcp
_haive_mcp_servers() {
    local config=mcp.json
    [[ -r $config ]] || config=${XDG_CONFIG_HOME:-$HOME/.config}/haive-mcp/mcp.json
    [[ -r $config ]] && haive-mcp servers --config "$config" --quiet 2>/dev/null
}
_haive_mcp() {
    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local commands="tools resources prompts call read prompt health monitor status explain bench servers config demo completions version"
    local i
    for ((i = 1; i < COMP_CWORD; i++)); do
        [[ ${COMP_WORDS[i]} == -- ]] && { COMPREPLY=($(compgen -c -f -- "$word")); return; }
    done
    case $previous in
        --era) COMPREPLY=($(compgen -W "auto legacy modern" -- "$word")); return ;;
        --log) COMPREPLY=($(compgen -W "trace debug info warn error off" -- "$word")); return ;;
        --config) COMPREPLY=($(compgen -f -- "$word")); return ;;
        --root | --cwd) COMPREPLY=($(compgen -d -- "$word")); return ;;
        --from) COMPREPLY=($(compgen -f -W "claude-desktop claude-code cursor vscode windsurf zed gemini" -- "$word")); return ;;
        --to | --otlp | --log-file | --record) COMPREPLY=($(compgen -f -- "$word")); return ;;
        config) COMPREPLY=($(compgen -W "check show schema import" -- "$word")); return ;;
        check) [[ ${COMP_WORDS[1]} == config ]] && { COMPREPLY=($(compgen -f -- "$word")); return; } ;;
        completions) COMPREPLY=($(compgen -W "bash zsh fish" -- "$word")); return ;;
    esac
    if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W "--config --timeout --era --log --json --quiet --no-color --root --no-roots --env --cwd --header --ca-file --transport --args --count --interval --for --concurrency --calls --list --from --to --metrics --otlp --log-file --record --help --version" -- "$word"))
    elif ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W "$commands" -- "$word"))
    else
        COMPREPLY=($(compgen -W "$(_haive_mcp_servers)" -- "$word"))
    fi
}
complete -F _haive_mcp haive-mcp
