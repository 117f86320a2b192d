"""leadflow in a Django project: storage on the ORM, admin, a form, a board, an inbox, and ``tick``.

pip install django psycopg 'leadflow[templates]'
cd examples; export DJANGO_SETTINGS_MODULE=django_app.settings SECRET_KEY=…
python -m django migrate && python -m django createsuperuser --username anna
python -m django runserver    # and every minute: python -m django tick
"""
