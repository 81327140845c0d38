# SPDX-License-Identifier: Apache-2.0
# Who holds what, and can do what. Sourced by trade.sh.
inside() { # SERVICE COMMAND …
    service=$1
    shift
    docker compose exec -T "$service" "$@" </dev/null
}

suite_services='exchange-sim executor risk-manager validator audit-writer witness-1 status-broadcaster gateway'
check each_can_be_asked "$(for service in $suite_services postgres redis edge; do
    inside "$service" true || echo "$service"
done)" ''
check no_password_stands_in_an_environment "$(for service in $suite_services postgres redis edge; do
    inside "$service" env | grep -iE 'password=|secret=|://[^@]*:[^@]*@'
done)" ''
check nobody_is_root_or_has_a_capability "$(for service in $suite_services redis edge; do
    inside "$service" sh -c 'echo "$(id -u) $(sed -n "s/^CapEff:\t*//p" /proc/self/status)"' | grep -vE '^[1-9][0-9]* 0+$'
done)" ''
check the_root_is_read_only "$(for service in $suite_services; do
    inside "$service" sh -c 'touch /etc/x /usr/local/bin/x' 2>&1 | grep -v 'Read-only file system'
done)" ''
check a_service_has_its_own_secrets_alone "$(for service in $suite_services; do
    echo "$service: $(inside "$service" sh -c 'ls /secrets 2>/dev/null; [ ! -f /secrets/pgpass ] || cut -d: -f4 /secrets/pgpass' | tr '\n' ' ')"
done)" 'exchange-sim: 
executor: pgpass oxe_executor 
risk-manager: pgpass oxe_risk 
validator: pgpass oxe_validator 
audit-writer: pgpass oxe_audit 
witness-1: 
status-broadcaster: redis 
gateway: pgpass redis oxe_trader oxe_compliance '
check the_log_s_key_is_the_audit_writers_alone "$(for service in $suite_services; do
    inside "$service" sh -c 'ls /audit/key' 2>/dev/null | sed "s|^|$service |"
done)" 'audit-writer /audit/key'
check every_role_has_a_password_of_its_own \
    "$(docker compose run --rm -T --no-deps --entrypoint sh prepare -c 'cat /secrets/*/pgpass | cut -d: -f4- | sort -u | cut -d: -f2- | sort | uniq -d' </dev/null 2>/dev/null)" ''
redis_as() { # USER COMMAND …: with the gateway's password
    user=$1
    shift
    inside redis redis-cli --no-auth-warning --user "$user" --pass "$gateway_password" "$@" 2>&1 | tr -d '\r' | head -n 1 | cut -d' ' -f1
}
gateway_password=$(inside gateway cat /secrets/redis)
check redis_serves_nobody_without_a_password "$(inside redis redis-cli publish orders:1 forged 2>&1 | cut -d' ' -f1)" NOAUTH
check a_gateway_s_password_cannot_publish "$(redis_as gateway publish orders:1 forged)" NOPERM
check nor_is_it_another_user_s "$(redis_as broadcaster publish orders:1 forged | grep -vxE 'AUTH|NOAUTH')" ''
check the_services_of_the_inside_have_no_way_out "$(for service in validator risk-manager status-broadcaster postgres redis; do
    docker inspect --format '{{range $name, $network := .NetworkSettings.Networks}}{{$name}} {{end}}' "$(docker compose ps -q "$service" | head -n 1)"
done | sort -u)" "${COMPOSE_PROJECT_NAME}_inside "
