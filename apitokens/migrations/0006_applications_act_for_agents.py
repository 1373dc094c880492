import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import oauth2_provider.generators
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Applications get tokens for agents (OAuth 2.0). Their requests are counted and logged by consent, as keys' are."""

    run_before = [("oauth2_provider", "0001_initial")]  # The toolkit's own tables point to applications.

    dependencies = [
        ('apitokens', '0005_usage_is_counted'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigIntegerField(db_default=models.Func(models.Value('apitokens_apikey_id_seq'), function='nextval', output_field=models.BigIntegerField()), editable=False, primary_key=True, serialize=False)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None, verbose_name='scopes')),
                ('allowed_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='allowed')),
                ('withdrawn_at', models.DateTimeField(null=True, verbose_name='withdrawn')),
                ('agent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consents', to=settings.AUTH_USER_MODEL, verbose_name='allowed by')),
            ],
            options={
                'verbose_name': 'allowed application',
                'verbose_name_plural': 'allowed applications',
                'ordering': ['-allowed_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Application',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('client_id', models.CharField(db_index=True, default=oauth2_provider.generators.generate_client_id, max_length=255, unique=True, verbose_name='client ID')),
                ('created', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated', models.DateTimeField(auto_now=True, verbose_name='updated')),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('description', models.CharField(blank=True, help_text='Agents read it when they are asked to allow it.', max_length=300, verbose_name='used for')),
                ('client_type', models.CharField(choices=[('confidential', 'Confidential: it runs on a server and keeps a secret'), ('public', 'Public: an app on a phone, a computer or in a browser')], default='confidential', max_length=32, verbose_name='kind')),
                ('authorization_grant_type', models.CharField(default='authorization-code', editable=False, max_length=44)),
                ('redirect_uris', models.TextField(help_text='Where agents are sent back to, one address a line. A request must name one of them exactly.', verbose_name='redirect addresses')),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, help_text='What the application may ask agents for, at most.', size=None, verbose_name='scopes')),
                ('digest', models.BinaryField(max_length=32, null=True)),
                ('hint', models.CharField(blank=True, default='', editable=False, max_length=4, verbose_name='secret ends with')),
                ('regenerated_at', models.DateTimeField(editable=False, null=True, verbose_name='regenerated')),
                ('disabled_at', models.DateTimeField(editable=False, null=True, verbose_name='disabled')),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by')),
            ],
            options={
                'verbose_name': 'OAuth application',
                'verbose_name_plural': 'OAuth applications',
                'ordering': ['name', 'id'],
            },
        ),
        migrations.CreateModel(
            name='AuthorizationCode',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=255, unique=True, verbose_name='code')),
                ('expires', models.DateTimeField(verbose_name='expires')),
                ('redirect_uri', models.TextField(verbose_name='redirect URI')),
                ('scope', models.TextField(blank=True, verbose_name='scope')),
                ('created', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated', models.DateTimeField(auto_now=True, verbose_name='updated')),
                ('code_challenge', models.CharField(blank=True, default='', max_length=128, verbose_name='code challenge')),
                ('code_challenge_method', models.CharField(blank=True, choices=[('plain', 'plain'), ('S256', 'S256')], default='', max_length=10, verbose_name='code challenge method')),
                ('family', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('consumed_at', models.DateTimeField(null=True)),
                ('application', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL, verbose_name='application')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(app_label)s_%(class)s', to=settings.AUTH_USER_MODEL, verbose_name='user')),
            ],
            options={
                'verbose_name': 'authorization code',
                'verbose_name_plural': 'authorization codes',
            },
        ),
        migrations.CreateModel(
            name='ConsentUsage',
            fields=[
                ('sequence', models.BigIntegerField(default=0)),
                ('window', models.BigIntegerField(default=0)),
                ('window_count', models.IntegerField(default=0)),
                ('allowed', models.BooleanField(default=True)),
                ('last_used_at', models.DateTimeField(null=True, verbose_name='last used')),
                ('last_address', models.GenericIPAddressField(null=True, verbose_name='last address')),
                ('consent', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='usage', serialize=False, to='apitokens.consent')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='consent',
            name='application',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consents', to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL, verbose_name='application'),
        ),
        migrations.CreateModel(
            name='AccessToken',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('expires', models.DateTimeField(verbose_name='expires')),
                ('scope', models.TextField(blank=True, verbose_name='scope')),
                ('created', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated', models.DateTimeField(auto_now=True, verbose_name='updated')),
                ('digest', models.BinaryField(max_length=32, unique=True)),
                ('family', models.UUIDField(db_index=True, editable=False)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('consent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='access_tokens', to='apitokens.consent')),
            ],
            options={
                'verbose_name': 'access token',
                'verbose_name_plural': 'access tokens',
            },
        ),
        migrations.CreateModel(
            name='ConsentRequest',
            fields=[
                ('slot', models.PositiveSmallIntegerField()),
                ('sequence', models.BigIntegerField()),
                ('at', models.DateTimeField(verbose_name='time')),
                ('method', models.CharField(max_length=10, verbose_name='method')),
                ('path', models.CharField(max_length=500, verbose_name='path')),
                ('query', models.CharField(max_length=500, verbose_name='query')),
                ('operation', models.CharField(max_length=60, verbose_name='operation')),
                ('status', models.PositiveSmallIntegerField(verbose_name='status')),
                ('code', models.CharField(max_length=40, verbose_name='error')),
                ('reason', models.CharField(max_length=40, verbose_name='reason')),
                ('duration_ms', models.FloatField(verbose_name='duration')),
                ('size', models.PositiveIntegerField(verbose_name='bytes')),
                ('address', models.GenericIPAddressField(null=True, verbose_name='address')),
                ('user_agent', models.CharField(max_length=256, verbose_name='program')),
                ('request_id', models.CharField(max_length=64, verbose_name='request id')),
                ('scheme', models.CharField(max_length=6, verbose_name='header')),
                ('secret', models.CharField(choices=[('current', 'current'), ('previous', 'previous')], db_default='current', default='current', max_length=8, verbose_name='secret')),
                ('agent_source', models.CharField(max_length=8, verbose_name='chosen by')),
                ('replayed', models.BooleanField(default=False, verbose_name='replayed')),
                ('required_scope', models.CharField(max_length=40, verbose_name='required scope')),
                ('pk', models.CompositePrimaryKey('consent_id', 'slot', blank=True, editable=False, primary_key=True, serialize=False)),
                ('agent', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='acting agent')),
                ('consent', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='requests', to='apitokens.consent', verbose_name='allowed')),
            ],
            options={
                'verbose_name': 'request',
                'verbose_name_plural': 'requests',
                'ordering': ['-sequence'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='RefreshToken',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('created', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated', models.DateTimeField(auto_now=True, verbose_name='updated')),
                ('revoked', models.DateTimeField(null=True, verbose_name='revoked')),
                ('digest', models.BinaryField(max_length=32, unique=True)),
                ('family', models.UUIDField(db_index=True, editable=False)),
                ('scope', models.TextField()),
                ('expires', models.DateTimeField()),
                ('used_at', models.DateTimeField(null=True)),
                ('consent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='refresh_tokens', to='apitokens.consent')),
            ],
            options={
                'verbose_name': 'refresh token',
                'verbose_name_plural': 'refresh tokens',
            },
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('client_type', 'public'), ('digest', None)), models.Q(('client_type', 'confidential'), ('digest__isnull', False)), _connector='OR'), name='confidential_applications_have_a_secret'),
        ),
        migrations.AddIndex(
            model_name='authorizationcode',
            index=models.Index(models.F('expires'), name='code_expires'),
        ),
        migrations.AddConstraint(
            model_name='consent',
            constraint=models.UniqueConstraint(fields=('application', 'agent'), name='one_consent_for_agent_and_application'),
        ),
        migrations.AddIndex(
            model_name='accesstoken',
            index=models.Index(models.F('expires'), name='access_token_expires'),
        ),
        migrations.AddIndex(
            model_name='refreshtoken',
            index=models.Index(models.F('expires'), name='refresh_token_expires'),
        ),
        migrations.RunSQL(
            # Each request updates one row in place (HOT) while there is room on its page.
            "ALTER TABLE apitokens_consentusage SET (fillfactor = 50)",
            "ALTER TABLE apitokens_consentusage RESET (fillfactor)",
        ),
        migrations.RunSQL(
            "ALTER TABLE apitokens_consentrequest SET (fillfactor = 80)",
            "ALTER TABLE apitokens_consentrequest RESET (fillfactor)",
        ),
    ]
